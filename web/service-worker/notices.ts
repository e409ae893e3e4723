import type { PushMessage } from '../../shared/wire/push-api.ts'

const home = '/'

/**
 * Shows what the payment server tells of payments while no page is open, counts it on the app's icon, and opens it when it is tapped. A browser
 * that shows such messages by itself (declarative web push) needs none of this.
 */
export function showNotices(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener('push', (event) => {
    const message = read(event.data)
    if (message !== null) event.waitUntil(show(worker, message))
  })
  worker.addEventListener('notificationclick', (event) => {
    event.notification.close()
    event.waitUntil(Promise.all([open(worker, addressOf(worker, event.notification)), count(worker)]))
  })
  // Put away unread: whoever did so knows of it.
  worker.addEventListener('notificationclose', (event) => event.waitUntil(count(worker)))
  worker.addEventListener('pushsubscriptionchange', (event) => {
    event.waitUntil(renew(worker, event))
  })
}

/** @returns null for what our server never sends */
function read(data: PushMessageData | null): PushMessage['notification'] | null {
  try {
    const { notification } = (data?.json() ?? {}) as Partial<PushMessage>
    return typeof notification?.title === 'string' ? notification : null
  } catch {
    return null
  }
}

async function show(worker: ServiceWorkerGlobalScope, message: PushMessage['notification']): Promise<void> {
  const { title, body, lang, dir, tag, timestamp, navigate } = message
  // `renotify`: what has changed since is news as well. Not every browser knows of it, or of the time.
  const shown = { body, lang, dir, tag, timestamp, renotify: true, icon: '/icons/icon-192.png', data: navigate }
  await worker.registration.showNotification(title, shown)
  await count(worker)
}

/** On the icon stands how much was not looked at; while somebody looks at the wallet there is nothing. */
async function count(worker: ServiceWorkerGlobalScope): Promise<void> {
  if (!('setAppBadge' in worker.navigator)) return
  const [shown, pages] = await Promise.all([worker.registration.getNotifications(), walletsOf(worker)])
  const isSeen = pages.some(({ visibilityState }) => visibilityState === 'visible')
  if (shown.length === 0 || isSeen) await worker.navigator.clearAppBadge()
  else await worker.navigator.setAppBadge(shown.length)
}

/** Pages of the wallet itself: one with a bill on it is left alone. */
async function walletsOf(worker: ServiceWorkerGlobalScope): Promise<readonly WindowClient[]> {
  const pages = await worker.clients.matchAll({ type: 'window' })
  return pages.filter(({ url }) => new URL(url).pathname === home)
}

/** Within this app, whatever the message says. */
function addressOf({ location }: ServiceWorkerGlobalScope, { data }: Notification): string {
  const wanted = URL.parse(`${data}`)
  return wanted?.origin === location.origin ? wanted.href : home
}

async function open(worker: ServiceWorkerGlobalScope, address: string): Promise<void> {
  const [page] = await walletsOf(worker)
  const shown = await page?.focus().catch(() => null)
  const isThere = (await shown?.navigate(address).catch(() => null)) ?? null
  if (isThere === null) await worker.clients.openWindow(address)
}

/** The browser is reached elsewhere from now on. The one before says that it is the same; where it is not known, the wallet finds out. */
async function renew(worker: ServiceWorkerGlobalScope, event: PushSubscriptionChangeEvent): Promise<void> {
  const { oldSubscription: from } = event
  if (!from) return
  const to = event.newSubscription ?? (await worker.registration.pushManager.subscribe(from.options))
  await fetch('/api/push/renewal', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: targetOf(from), to: targetOf(to) }),
  })
}

function targetOf(subscription: PushSubscription) {
  const { endpoint, keys } = subscription.toJSON()
  return { endpoint, keys }
}
