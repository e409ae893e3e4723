import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks'
import { deviceStorage } from '../doors/device-storage.ts'
import { Broken } from '../parts/broken.tsx'
import { Button } from '../parts/button.tsx'
import { SpeechContext } from '../parts/language-context.ts'
import { Masthead } from '../parts/masthead.tsx'
import { useFlow } from '../parts/use-flow.ts'
import type { ConsoleWords } from '../words/console-en.ts'
import { consoleWordsIn } from '../words/console-words.ts'
import type { Words } from '../words/en.ts'
import { type Language, localeOf, rememberLanguage, wordsIn } from '../words/language.ts'
import type { ConsoleClient } from './doors/console-client.ts'
import { deliveriesRun } from './flows/deliveries-run.ts'
import type { EntryFlow, EntryRun } from './flows/entry-run.ts'
import { firstStepsRun } from './flows/first-steps-run.ts'
import { keysRun } from './flows/keys-run.ts'
import { paymentRun } from './flows/payment-run.ts'
import { type PaymentsRun, paymentsRun } from './flows/payments-run.ts'
import { peopleRun } from './flows/people-run.ts'
import { takingsRun } from './flows/takings-run.ts'
import { type WebhooksRun, webhooksRun } from './flows/webhooks-run.ts'
import { type Route, routeFor } from './route.ts'
import { EntryScreen } from './screens/entry-screen.tsx'
import { KeysScreen } from './screens/keys-screen.tsx'
import { PaymentScreen } from './screens/payment-screen.tsx'
import { PaymentsScreen } from './screens/payments-screen.tsx'
import { PeopleScreen } from './screens/people-screen.tsx'
import { WebhookScreen } from './screens/webhook-screen.tsx'
import { WebhooksScreen } from './screens/webhooks-screen.tsx'
import { ConsoleWordsContext } from './use-console-words.ts'

type Speech = { readonly language: Language; readonly words: Words; readonly consoleWords: ConsoleWords }
export type ConsoleAppProps = {
  readonly client: ConsoleClient
  readonly entry: EntryRun
  readonly place: { readonly now: () => Route; readonly subscribe: (listener: () => void) => () => void }
  readonly secret: string | null
  readonly pause: (durationMs: number) => Promise<void>
  readonly first: Speech
}

export function ConsoleApp({ client, entry, place, secret, pause, first }: ConsoleAppProps) {
  const [{ language, words, consoleWords }, setSpeech] = useState(first)
  const [isMissing, setMissing] = useState(false)
  /** Of two languages that were asked for the last one counts. */
  const asked = useRef(0)
  const [route, setRoute] = useState(place.now())
  const state = useFlow(entry.flow)
  useEffect(() => place.subscribe(() => setRoute(place.now())), [place])
  useEffect(() => {
    document.documentElement.lang = language
    document.title = consoleWords.title
  }, [language])
  const [broken] = useErrorBoundary()

  async function speak(wanted: Language): Promise<void> {
    // Also where it does not come: then it is what the page speaks once it is loaded again.
    rememberLanguage(deviceStorage(), wanted)
    asked.current += 1
    const turn = asked.current
    try {
      const [said, console] = await Promise.all([wordsIn(wanted), consoleWordsIn(wanted)])
      if (turn !== asked.current) return
      setSpeech({ language: wanted, words: said, consoleWords: console })
      setMissing(false)
    } catch {
      if (turn === asked.current) setMissing(true)
    }
  }
  const speech = {
    language,
    firstWords: words,
    words,
    locale: localeOf(language, navigator.languages),
    speak: (wanted: Language) => void speak(wanted),
    fetchWords: () => Promise.resolve(),
  }
  return (
    <SpeechContext value={speech}>
      <ConsoleWordsContext value={consoleWords}>
        <Masthead isCheckout />
        <main id="content">
          {(broken || isMissing) && <Broken />}
          {!broken && state.step !== 'in' && <EntryScreen {...{ state, run: entry, secret }} />}
          {!broken && state.step === 'in' && (
            <Inside {...{ client, entry, pause }} route={routeFor(state.person.role, route)} person={state.person} />
          )}
        </main>
      </ConsoleWordsContext>
    </SpeechContext>
  )
}

type InsideProps = Pick<ConsoleAppProps, 'client' | 'entry' | 'pause'> & {
  readonly route: Route
  readonly person: Extract<EntryFlow, { step: 'in' }>['person']
}

/** For whoever is signed in. What was looked for is still there after a look at one payment. */
function Inside({ client, entry, pause, route, person }: InsideProps) {
  const [payments] = useState<PaymentsRun>(() =>
    paymentsRun({ client, storage: deviceStorage(), pause }, person.modes, entry.signedOut),
  )
  const [steps] = useState(() => firstStepsRun({ client, storage: deviceStorage(), newKey }, entry.signedOut))
  const [takings] = useState(() => takingsRun(client, () => Date.now()))
  const [keys] = useState(() => keysRun(client, entry.signedOut))
  const [webhooks] = useState(() => webhooksRun({ client, newKey }, entry.signedOut))
  return (
    <>
      <Whose {...{ person, entry }} />
      {route.screen === 'keys' && <KeysScreen {...{ run: keys, person }} />}
      {route.screen === 'people' && <People {...{ client, entry }} />}
      {route.screen === 'webhooks' && <WebhooksScreen {...{ run: webhooks, person }} />}
      {route.screen === 'webhook' && (
        <OneWebhook key={route.webhook} {...{ client, entry, person, webhooks }} id={route.webhook} />
      )}
      {route.screen === 'payment' && (
        <OnePayment key={route.payment} {...{ client, entry, person }} id={route.payment} />
      )}
      {(route.screen === 'payments' || route.screen === 'join') && (
        <PaymentsScreen {...{ run: payments, takings, steps, person }} />
      )}
    </>
  )
}

type OnePaymentProps = Pick<InsideProps, 'client' | 'entry' | 'person'> & { readonly id: string }

function OnePayment({ client, entry, person, id }: OnePaymentProps) {
  const [run] = useState(() => paymentRun({ client, newKey }, id, entry.signedOut))
  return <PaymentScreen run={run} mayAct={person.role !== 'viewer'} />
}

function People({ client, entry }: Pick<InsideProps, 'client' | 'entry'>) {
  const [run] = useState(() => peopleRun(client, entry))
  return <PeopleScreen run={run} />
}

type OneWebhookProps = Pick<InsideProps, 'client' | 'entry' | 'person'> & {
  readonly webhooks: WebhooksRun
  readonly id: string
}

function OneWebhook({ client, entry, person, webhooks, id }: OneWebhookProps) {
  const [deliveries] = useState(() => deliveriesRun(client, id, entry.signedOut))
  return <WebhookScreen {...{ webhooks, deliveries, id }} role={person.role} />
}

const newKey = () => crypto.randomUUID()

function Whose({ person, entry }: Pick<InsideProps, 'person' | 'entry'>) {
  return (
    <ConsoleWordsContext.Consumer>
      {(words) => (
        <div class="whose">
          <span>
            <bdi>{person.merchant.name}</bdi> · {words?.roles[person.role]}
          </span>
          <nav class="places">
            <a class="back" href="/console">
              {words?.payments.title}
            </a>
            <a class="back" href="/console/webhooks">
              {words?.webhooks.title}
            </a>
            {person.role === 'owner' && (
              <>
                <a class="back" href="/console/keys">
                  {words?.keys.title}
                </a>
                <a class="back" href="/console/people">
                  {words?.people.title}
                </a>
              </>
            )}
          </nav>
          <Button onPress={() => void entry.signOut()}>{words?.entry.signOut}</Button>
        </div>
      )}
    </ConsoleWordsContext.Consumer>
  )
}
