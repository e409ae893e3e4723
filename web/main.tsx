import { render } from 'preact'
import './style.css'
import type { Configuration } from '../shared/wire/payment-api.ts'
import { App, type Place } from './app.tsx'
import { deviceMemory } from './doors/device.ts'
import { deviceStorage } from './doors/device-storage.ts'
import { forgottenNames, leavingForgotten } from './doors/forgotten-names.ts'
import { keepInstallPrompt } from './doors/install-prompt.ts'
import { goBack } from './doors/opener.ts'
import { passkeyDoor } from './doors/passkey.ts'
import { paymentClient } from './doors/payment-client.ts'
import type { DialogBrowser, PaymentDialogDoor } from './doors/payment-dialog.ts'
import { tellingDevice } from './doors/telling-device.ts'
import { takeTypedName } from './doors/typed-name.ts'
import { type PayRun, payRun, type Tools } from './flows/pay-run.ts'
import { pause, persistent } from './parts/persistent.ts'
import { spokenIn } from './parts/spoken.ts'
import { routeOf } from './route.ts'
import { preferredLanguage } from './words/language.ts'

const forgotten = forgottenNames(deviceStorage())
const tools: Tools = {
  client: tellingDevice(
    leavingForgotten(paymentClient(fetch.bind(globalThis)), forgotten),
    async () => (await configuration()).relyingParty.id,
    async () => (await import('./doors/signals.ts')).signalsDoor,
  ),
  passkey: passkeyDoor(navigator.credentials),
  device: deviceMemory(),
  forget,
  nowMs: () => Date.now(),
  pause: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
}
/** With what only the wallet has of a name, which nobody needs before. */
async function forget(username: string): Promise<void> {
  forgotten.add(username)
  const [{ forgetName }, { lastSeenDoor }, { pushDoor }, { pushClient }] = await Promise.all([
    import('./flows/forget-name.ts'),
    import('./doors/last-seen.ts'),
    import('./doors/push.ts'),
    import('./doors/push-client.ts'),
  ])
  const { ask } = tools.client
  const doors = { lastSeen: lastSeenDoor(), push: pushDoor(deviceStorage()), pushClient: pushClient(ask) }
  await forgetName({ ...doors, ask, forgotten }, username)
}
const typed = takeTypedName()
const openedWith = new URLSearchParams(location.search)
/** Looked for anew for each bill: somebody may have told the browser meanwhile not to show it any more. */
async function paymentDialog(): Promise<PaymentDialogDoor | null> {
  // The browser shows one thing of payments at a time, and here that is this window: a dialog over it would be refused as if by the payer.
  if (openedWith.has('handler')) return null
  const browser: DialogBrowser | null = 'PaymentRequest' in globalThis ? PaymentRequest : null
  if (!browser?.securePaymentConfirmationAvailability) return null
  return (await import('./doors/payment-dialog.ts')).paymentDialogDoor(browser, deviceStorage())
}
let configured: Promise<Configuration> | undefined
/** Asked for once, and again only where that failed. */
function configuration(): Promise<Configuration> {
  configured ??= tools.client.configuration().catch((error: unknown) => {
    configured = undefined
    throw error
  })
  return configured
}

const runs = new Map<string, PayRun>()
/** The bill is asked for before anything is drawn, and once however often it is drawn. */
function runOf(payment: string): PayRun {
  const run =
    runs.get(payment) ??
    payRun({ ...tools, typed, dialog: () => paymentDialog().catch(() => null) }, configuration, payment)
  if (!runs.has(payment)) void run.read()
  runs.set(payment, run)
  return run
}

const here = () => routeOf(location.pathname)
const first = here()
if (first.screen === 'pay') runOf(first.payment)

const listeners = new Set<() => void>()
const moved = () => {
  scrollTo(0, 0)
  for (const listener of listeners) listener()
}
const place: Place = {
  now: here,
  go(path) {
    history.pushState(null, '', path)
    moved()
  },
  subscribe(listener) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  leave: (bill) => goBack(window, openedWith, bill),
}

keepInstallPrompt()
addEventListener('popstate', moved)
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  if (!link || !isPlain || link.origin !== location.origin || link.hash !== '' || link.target !== '') return
  event.preventDefault()
  place.go(link.pathname)
})

async function start(): Promise<void> {
  const language = preferredLanguage(deviceStorage(), navigator.languages)
  // A bill is shown by the first words; whatever else it may have to say comes once it is there.
  const spoken = await persistent(() => spokenIn(language, first.screen !== 'pay'), pause)()
  const root = document.getElementById('moniker')
  if (root) render(<App {...{ tools, configuration, place }} payRun={runOf} first={spoken} />, root)
}

void start()
if (import.meta.env.PROD) void import('./doors/offline.ts').then(({ registerServiceWorker }) => registerServiceWorker())
