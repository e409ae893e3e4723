import { useEffect, useState } from 'preact/hooks'
import { billIn } from '../flows/pay-link.ts'
import { Busy } from '../parts/busy.tsx'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { useLaterWords } from '../parts/use-later-words.ts'
import { walletWordsIn } from '../words/wallet-words.ts'

type OpenScreenProps = {
  /** What was shared with the app, or tapped on elsewhere; of no named parts where somebody came by themselves. */
  readonly shared: URLSearchParams
  readonly origin: string
  /** To a bill, in the place of this page: going back must not open it once more. */
  readonly open: (payment: string) => void
}

/** Where a pay link from another app arrives: the bill itself, or a place to paste the link. */
export function OpenScreen({ shared, origin, open }: OpenScreenProps) {
  const words = useLaterWords(walletWordsIn)
  const [text, setText] = useState('')
  const [isRefused, setIsRefused] = useState(shared.size > 0)
  const arrived = billIn([...shared.values()], origin)
  useEffect(() => {
    if (arrived !== null) open(arrived)
  }, [arrived, open])
  if (words === null || arrived !== null) return <Busy />

  const { payLink } = words
  return (
    <form
      class="verify"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const payment = billIn([text], origin)
        setIsRefused(payment === null)
        if (payment !== null) open(payment)
      }}
    >
      <h1>{payLink.title}</h1>
      <p class="lead">{payLink.lead}</p>
      <Field
        label={payLink.label}
        hint={payLink.hint}
        fault={isRefused && payLink.refused}
        input={{
          name: 'link',
          type: 'url',
          value: text,
          autoComplete: 'off',
          enterKeyHint: 'go',
          onInput: ({ currentTarget }) => {
            setText(currentTarget.value)
            setIsRefused(false)
          },
        }}
      />
      <Button kind="primary" type="submit">
        {payLink.open}
      </Button>
    </form>
  )
}
