import { render } from 'preact'
import '../style.css'
import '../wallet.css'
import { deviceStorage } from '../doors/device-storage.ts'
import { passkeyDoor } from '../doors/passkey.ts'
import { paymentClient } from '../doors/payment-client.ts'
import { consoleWordsIn } from '../words/console-words.ts'
import { preferredLanguage, wordsIn } from '../words/language.ts'
import { ConsoleApp, type ConsoleAppProps } from './app.tsx'
import styles from './console.css?url'
import { consoleClient } from './doors/console-client.ts'
import { entryRun } from './flows/entry-run.ts'
import { routeOf } from './route.ts'

const payment = paymentClient(fetch.bind(globalThis))
const client = consoleClient(payment.ask)
const entry = entryRun({
  client,
  passkey: passkeyDoor(navigator.credentials),
  creation: async () => (await import('../doors/passkey-creation.ts')).passkeyCreationDoor,
  configuration: payment.configuration,
})

const here = () => routeOf(location.pathname)
const secret = here().screen === 'join' && location.hash !== '' ? location.hash.slice(1) : null
const listeners = new Set<() => void>()
function moved(): void {
  scrollTo(0, 0)
  for (const listener of listeners) listener()
}
function go(path: string): void {
  history.pushState(null, '', path)
  moved()
}
const place: ConsoleAppProps['place'] = {
  now: here,
  subscribe(listener) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

addEventListener('popstate', moved)
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  if (!link?.pathname.startsWith('/console') || !isPlain || link.origin !== location.origin || link.hash !== '') return
  event.preventDefault()
  go(link.pathname)
})
// The link has done what it was for: nobody shall find its secret in the address any more.
entry.flow.subscribe(() => {
  if (entry.flow.now().step === 'in' && here().screen === 'join') {
    history.replaceState(null, '', '/console')
    moved()
  }
})

/** Payers never load these. */
function withStyles(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: styles })
  link.addEventListener('load', () => resolve())
  link.addEventListener('error', () => resolve())
  document.head.append(link)
  return promise
}

async function start(): Promise<void> {
  const language = preferredLanguage(deviceStorage(), navigator.languages)
  const [words, consoleWords] = await Promise.all([wordsIn(language), consoleWordsIn(language), withStyles()])
  const pause = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs))
  const root = document.getElementById('console')
  const first = { language, words, consoleWords }
  if (root) render(<ConsoleApp {...{ client, entry, place, secret, pause, first }} />, root)
}

void entry.begin(secret)
void start()
