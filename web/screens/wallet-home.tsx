import { useEffect, useState } from 'preact/hooks'
import type { Card } from '../../shared/wire/payment-api.ts'
import { toneOf } from '../flows/notice.ts'
import type { SignedIn } from '../flows/wallet-flow.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { BankQuestion } from '../parts/bank-question.tsx'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { useCardName } from '../parts/card-line.tsx'
import { CardPicture } from '../parts/card-picture.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { later } from '../parts/later.tsx'
import { Notice } from '../parts/notice.tsx'
import { Say } from '../parts/say.tsx'
import { useReturns } from '../parts/use-returns.ts'
import { useWalletWords } from '../parts/use-wallet-words.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { ActivitySection } from './activity-section.tsx'
import { CardSheet } from './card-sheet.tsx'
import { PasskeyNews } from './passkey-news.tsx'
import { RecoveredNews } from './recovered-news.tsx'

const WalletKeys = later(async () => (await import('./wallet-keys.tsx')).WalletKeys)

const patienceMs = 3_000

type WalletHomeProps = { readonly state: SignedIn; readonly run: WalletRun }

/** What somebody sees who is signed in. */
export function WalletHome({ state, run }: WalletHomeProps) {
  const { words } = useSpeech()
  const wallet = useWalletWords()
  const [passkeys] = useState(() => run.passkeys(state.payer))
  const [account] = useState(() => run.account(state.payer))
  const [recovery] = useState(() => run.recovery(state.payer))
  const [activity] = useState(() => run.activity())
  const isRead = useFirstReading(() => [passkeys.read(), recovery.read(), run.push.read(), activity.read(state.payer)])
  useEffect(() => {
    void run.push.seen()
    void run.cards.askAboutAll()
  }, [run])
  useReturns(() => {
    void run.cards.askAboutAll()
    // Whoever comes back may have been told something, or have let this site tell them.
    void run.push.seen()
    void Promise.all([
      run.push.read(),
      run.readAgain(),
      passkeys.read(),
      recovery.read(),
      activity.readAgain(state.payer),
    ])
  }, run)
  if (!wallet) return <Busy />
  const { payer, open, failure } = state
  const opened = payer.cards.find(({ id }) => id === open)
  return (
    <>
      <h1 class="hello">
        <Say phrase={words.wallet.hello(payer.display)} />
      </h1>
      {failure !== null && open === null && (
        <Notice tone={toneOf(failure.notice)} advice={words.notices[failure.notice]} />
      )}
      <RecoveredNews {...{ run: recovery, wallet }} />
      <PasskeyNews {...{ run: passkeys, wallet }} />
      <Cards {...{ state, run, wallet }} />
      <ActivitySection {...{ activity, state, run, wallet }} />
      {isRead ? (
        <WalletKeys
          {...{ passkeys, recovery, account, activity, wallet }}
          push={run.push}
          install={run.install}
          display={payer.display}
          nowMs={run.nowMs}
          signOut={() => void run.signOut()}
        />
      ) : (
        <Busy />
      )}
      {opened && <CardSheet key={opened.id} card={opened} {...{ state, run, wallet }} />}
    </>
  )
}

type PartProps = WalletHomeProps & { readonly wallet: WalletWords }

function Cards({ state, run, wallet }: PartProps) {
  const { words } = useSpeech()
  const { cards } = state.payer
  return (
    <section class="wallet-cards" aria-label={words.wallet.cards}>
      {cards.length === 0 && (
        <div class="empty">
          <h2>{words.wallet.noCards}</h2>
          <p>{words.wallet.noCardsMore}</p>
        </div>
      )}
      <ul>
        {cards.map((card) => (
          <li key={card.id}>
            <KeptCard card={card} {...{ state, run, wallet }} />
          </li>
        ))}
      </ul>
      <a class={cards.length === 0 ? 'button primary' : 'button quiet'} href="/enrol">
        {words.wallet.addCard}
      </a>
    </section>
  )
}

function KeptCard({ card, state, run, wallet }: PartProps & { readonly card: Card }) {
  const { words } = useSpeech()
  const cardName = useCardName()
  const { payer, doing } = state
  const { id, face, bank, nickname, isFrozen, isDefault, confirmation } = card
  const isShownAsFirst = isDefault && !isFrozen && payer.cards.length > 1
  const tag = isFrozen ? words.card.frozen : isShownAsFirst ? words.card.default : null
  const act = doing?.card === id ? doing.act : null
  const about = <span class="sr"> {nickname ?? cardName(face)}</span>
  return (
    <>
      {confirmation && (
        <BankQuestion words={wallet} {...{ bank, confirmation }}>
          <Button busy={act === 'asking' ? words.loading : null} onPress={() => void run.cards.ask(id)}>
            {wallet.confirm.done}
          </Button>
          <p role="status">{state.stillAwaited === id && wallet.confirm.stillAwaited}</p>
        </BankQuestion>
      )}
      <CardPicture {...{ face, bank, nickname, tag, isFrozen }} holder={payer.display} />
      <div class="card-acts">
        {isFrozen ? (
          <Button busy={act === 'touching' ? wallet.card.touching : null} onPress={() => void run.cards.unfreeze(id)}>
            {wallet.card.unfreeze}
            {about}
          </Button>
        ) : (
          <Button busy={act === 'freezing' ? wallet.card.freezing : null} onPress={() => void run.cards.freeze(id)}>
            {wallet.card.freeze}
            {about}
          </Button>
        )}
        <Button onPress={() => run.flow.send({ type: 'card-opened', card: id })}>
          {wallet.card.settings}
          {about}
        </Button>
      </div>
      <p class="card-more" role="status">
        {isFrozen && wallet.card.frozenMore}
        {!card.isToldToBank && <> {wallet.card.untold}</>}
      </p>
    </>
  )
}

/** What is below would move under the finger while what is above arrives: it waits, but not for a server that does not answer. */
function useFirstReading(read: () => readonly Promise<void>[]): boolean {
  const [isRead, setRead] = useState(false)
  useEffect(() => {
    const late = setTimeout(() => setRead(true), patienceMs)
    WalletKeys.prefetch()
    void Promise.allSettled(read()).then(() => setRead(true))
    return () => clearTimeout(late)
  }, [])
  return isRead
}
