import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import type { Bill, Configuration } from '../shared/wire/payment-api.ts'
import { passkeysHere } from './doors/passkeys-here.ts'
import type { PayRun, Tools } from './flows/pay-run.ts'
import { Broken } from './parts/broken.tsx'
import { SpeechContext } from './parts/language-context.ts'
import { later } from './parts/later.tsx'
import { Masthead } from './parts/masthead.tsx'
import { type Spoken, useSpoken } from './parts/spoken.ts'
import type { Route } from './route.ts'
import { PayScreen } from './screens/pay-screen.tsx'
import type { Language } from './words/language.ts'

const EnrolScreen = later(async () => (await import('./screens/enrol-screen.tsx')).EnrolScreen)
const JoinScreen = later(async () => (await import('./screens/join-screen.tsx')).JoinScreen)
const VerifyScreen = later(async () => (await import('./screens/verify-screen.tsx')).VerifyScreen)
const LostScreen = later(async () => (await import('./screens/lost-screen.tsx')).LostScreen)
const PhoneScreen = later(async () => (await import('./screens/phone-screen.tsx')).PhoneScreen)
const OpenScreen = later(async () => (await import('./screens/open-screen.tsx')).OpenScreen)
const WalletScreen = later(async () => (await import('./screens/wallet-screen.tsx')).WalletScreen)

/** What an installed app says of itself, in the language of who installs it. Browsers do not heed `name_localized` and its like yet. */
const manifestIn: Readonly<Record<Language, string>> = {
  en: '/manifest.webmanifest',
  zh: '/manifest.zh.webmanifest',
}

export type Place = {
  readonly now: () => Route
  readonly go: (path: string) => void
  readonly subscribe: (listener: () => void) => () => void
  readonly leave: (bill: Bill) => void
}

export type AppProps = {
  readonly tools: Tools
  readonly configuration: () => Promise<Configuration>
  readonly payRun: (payment: string) => PayRun
  readonly place: Place
  readonly first: Spoken
}

export function App({ tools, configuration, payRun, place, first }: AppProps) {
  const { speech, isMissing } = useSpoken(first)
  const [route, setRoute] = useState(place.now())
  useEffect(() => place.subscribe(() => setRoute(place.now())), [place])
  useEffect(() => {
    document.documentElement.lang = speech.language
    const manifest = document.querySelector('link[rel=manifest]')
    const address = manifestIn[speech.language]
    if (manifest?.getAttribute('href') !== address) manifest?.setAttribute('href', address)
  }, [speech.language])
  const [broken] = useErrorBoundary()
  return (
    <SpeechContext value={speech}>
      <Masthead isCheckout={route.screen === 'pay' || route.screen === 'phone'} />
      <main id="content" class={`screen-${route.screen}`}>
        {isMissing && <Broken />}
        {broken ? <Broken /> : <Screen route={route} {...{ tools, configuration, payRun, place }} />}
      </main>
    </SpeechContext>
  )
}

function Screen({ route, tools, configuration, payRun, place }: { route: Route } & Omit<AppProps, 'first'>) {
  switch (route.screen) {
    case 'pay':
      return (
        <PayScreen
          key={route.payment}
          run={payRun(route.payment)}
          here={passkeysHere(navigator.userAgent, 'PublicKeyCredential' in globalThis)}
          {...{ tools, configuration, leave: place.leave }}
        />
      )
    case 'enrol': {
      const isForCard = new URLSearchParams(location.search).has('card')
      return <EnrolScreen {...{ tools, configuration, isForCard }} home={() => place.go('/')} />
    }
    case 'join': {
      const link = { secret: route.secret, key: location.hash.slice(1) }
      return <JoinScreen key={route.secret} {...{ tools, configuration, link }} home={() => place.go('/')} />
    }
    case 'phone':
      return <PhoneScreen {...{ tools, configuration, payRun, leave: place.leave }} />
    case 'lost':
      return <LostScreen {...{ tools, configuration }} home={() => place.go('/')} />
    case 'open':
      return <OpenScreen shared={new URLSearchParams(location.search)} origin={location.origin} open={openBill} />
    case 'verify':
      return <VerifyScreen origin={location.origin} />
    case 'wallet':
      return <WalletScreen {...{ tools, configuration }} />
    case 'nowhere':
      return <WalletScreen {...{ tools, configuration }} lost />
  }
}

const openBill = (payment: string) => location.replace(`/pay/${payment}`)
