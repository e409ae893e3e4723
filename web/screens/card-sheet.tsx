import { useState } from 'preact/hooks'
import type { Card } from '../../shared/wire/payment-api.ts'
import { toneOf } from '../flows/notice.ts'
import type { SignedIn } from '../flows/wallet-flow.ts'
import type { WalletRun } from '../flows/wallet-run.ts'
import { Button } from '../parts/button.tsx'
import { CardLine } from '../parts/card-line.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { later } from '../parts/later.tsx'
import { Notice } from '../parts/notice.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'
import type { WalletWords } from '../words/wallet-en.ts'

const LimitsView = later(async () => (await import('./limits-view.tsx')).LimitsView)

type CardSheetProps = {
  readonly card: Card
  readonly state: SignedIn
  readonly run: WalletRun
  readonly wallet: WalletWords
}

const nicknameCharactersMax = 32

/** The settings of one card, over the wallet. */
export function CardSheet(props: CardSheetProps) {
  const { words } = useSpeech()
  const { card, state, run, wallet } = props
  const [isLimiting, setLimiting] = useState(false)
  const title = card.nickname === null ? <CardLine face={card.face} /> : <bdi>{card.nickname}</bdi>
  return (
    <Sheet title={title} closeWords={wallet.card.close} closed={() => run.flow.send({ type: 'card-closed' })}>
      {state.failure && <Notice tone={toneOf(state.failure.notice)} advice={words.notices[state.failure.notice]} />}
      {state.isRemoving ? (
        <Removal {...props} />
      ) : isLimiting ? (
        <LimitsView wallet={wallet} begin={() => run.limits(state.payer, card.id)} />
      ) : (
        <Settings {...props} openLimits={() => setLimiting(true)} />
      )}
    </Sheet>
  )
}

function Settings(props: CardSheetProps & { readonly openLimits: () => void }) {
  const { card, state, run, wallet, openLimits } = props
  const isChoice = state.payer.cards.length > 1 && !card.isDefault && !card.isFrozen
  return (
    <>
      <Button kind="quiet" onPress={openLimits}>
        {wallet.limits.title}
      </Button>
      <Nickname {...props} />
      {isChoice && (
        <Button kind="quiet" onPress={() => void run.cards.prefer(card.id)}>
          {wallet.card.useFirst}
        </Button>
      )}
      <Button onPress={() => run.flow.send({ type: 'removing', isRemoving: true })}>{wallet.card.remove}</Button>
    </>
  )
}

function Nickname({ card, state, run, wallet }: CardSheetProps) {
  const [text, setText] = useState(card.nickname ?? '')
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void run.cards.name(card.id, text)
      }}
    >
      <Field
        label={wallet.card.nickname}
        hint={wallet.card.nicknameHint}
        input={{
          value: text,
          autoComplete: 'off',
          dir: 'auto',
          enterKeyHint: 'done',
          maxLength: nicknameCharactersMax,
          onInput: (event) => setText(event.currentTarget.value),
        }}
      />
      <Button kind="quiet" type="submit" busy={state.doing?.act === 'naming' ? wallet.card.saving : null}>
        {wallet.card.save}
      </Button>
    </form>
  )
}

function Removal({ card, state, run, wallet }: CardSheetProps) {
  const heading = useHeadingFocus()
  return (
    <div class="removal">
      <h3 ref={heading} tabIndex={-1}>
        {wallet.card.removeTitle}
      </h3>
      <p class="lead">{wallet.card.removeMore}</p>
      <Button
        kind="primary"
        busy={state.doing?.act === 'touching' ? wallet.card.touching : null}
        onPress={() => void run.cards.remove(card.id)}
      >
        {wallet.card.removeNow}
      </Button>
      <Button kind="quiet" onPress={() => run.flow.send({ type: 'removing', isRemoving: false })}>
        {wallet.card.keep}
      </Button>
    </div>
  )
}
