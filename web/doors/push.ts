import { base64url, bytesOfBase64url, utf8 } from '../../shared/bytes.ts'
import type { PushTarget } from '../../shared/wire/push-api.ts'
import type { DeviceStorage } from './device-storage.ts'

/** `install-first`: an iPhone or iPad, which has it for what is on the home screen alone. `missing`: this browser has none of it. */
export type PushSupport = 'here' | 'blocked' | 'install-first' | 'missing'

/** How this browser is reached now. */
export type OwnSubscription = {
  /** SHA-256 of its endpoint, base64url: what the server calls it. */
  readonly id: string
  readonly target: PushTarget
  /** Whom it was made for, base64url. */
  readonly applicationServerKey: string
}

/** What a browser is told while no page is open: https://www.w3.org/TR/push-api/ */
export interface PushDoor {
  support(): Promise<PushSupport>
  own(): Promise<OwnSubscription | null>
  /** To be called in a tap: the browser may ask. @returns `default` where somebody put the question away */
  ask(): Promise<NotificationPermission>
  /** Where it was allowed. @returns null where no worker is there to be told. @throws where there is no push service to be had */
  subscribe(applicationServerKey: string): Promise<OwnSubscription | null>
  unsubscribe(): Promise<void>
  /** Whose payments this browser is told of, as far as it knows: their sessions end long before that does. */
  whose(): string | null
  tells(username: string): void
  /** Whether somebody does not want it to be offered on this device any more. */
  isDeclined(): boolean
  decline(): void
  /** Somebody looks at the wallet: what they were told they need not be told any more. */
  seen(): Promise<void>
}

const whoseKey = 'moniker.push-whose'
const declinedKey = 'moniker.push-declined'

export function pushDoor(storage: DeviceStorage): PushDoor {
  const registration = async (): Promise<ServiceWorkerRegistration | undefined> =>
    'serviceWorker' in navigator ? navigator.serviceWorker.getRegistration('/') : undefined
  const subscription = async () => (await registration())?.pushManager?.getSubscription() ?? null

  return {
    async support() {
      if ('Notification' in globalThis && 'PushManager' in globalThis && (await registration()) !== undefined) {
        return Notification.permission === 'denied' ? 'blocked' : 'here'
      }
      // Of all browsers only Safari on phones and tablets has the member, and it is false in a tab.
      return 'standalone' in navigator && navigator.standalone === false ? 'install-first' : 'missing'
    },
    async own() {
      const known = await subscription()
      return known === null ? null : ownOf(known)
    },
    ask: () => Notification.requestPermission(),
    async subscribe(applicationServerKey) {
      const worker = await registration()
      if (worker === undefined) return null
      // One that was made for another key takes no messages by this one, and is in the way of a new one.
      const known = await subscription()
      if (known !== null && keyOf(known) !== applicationServerKey) await known.unsubscribe()
      const options = { userVisibleOnly: true, applicationServerKey: bytesOfBase64url(applicationServerKey) }
      return ownOf(await worker.pushManager.subscribe(options))
    },
    async unsubscribe() {
      await (await subscription())?.unsubscribe()
      storage.setItem(whoseKey, '')
    },
    whose: () => storage.getItem(whoseKey) || null,
    tells: (username) => storage.setItem(whoseKey, username),
    isDeclined: () => storage.getItem(declinedKey) === 'true',
    decline: () => storage.setItem(declinedKey, 'true'),
    async seen() {
      const shown = (await (await registration())?.getNotifications()) ?? []
      for (const notification of shown) notification.close()
      if ('clearAppBadge' in navigator) await navigator.clearAppBadge()
    },
  }
}

const keyOf = ({ options }: PushSubscription): string => {
  const { applicationServerKey: key } = options
  return key === null ? '' : base64url(new Uint8Array(key))
}

async function ownOf(subscription: PushSubscription): Promise<OwnSubscription> {
  const { endpoint } = subscription
  const keyNamed = (name: PushEncryptionKeyName) => {
    const key = subscription.getKey(name)
    return key === null ? '' : base64url(new Uint8Array(key))
  }
  return {
    id: base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(endpoint)))),
    target: { endpoint, keys: { p256dh: keyNamed('p256dh'), auth: keyNamed('auth') } },
    applicationServerKey: keyOf(subscription),
  }
}
