import { useEffect, useState } from 'preact/hooks'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'

const longMs = 12_000

/** The bank was asked and has not answered yet. */
export function Waiting({ bill, leave }: { bill: Bill; leave: (bill: Bill) => void }) {
  const { words } = useSpeech()
  const [long, setLong] = useState(false)
  const heading = useHeadingFocus()
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <section class="waiting" role="status">
      <span class="pulse" aria-hidden="true" />
      <h2 ref={heading} tabIndex={-1}>
        {words.pay.asking}
      </h2>
      <p>{words.pay.askingMore}</p>
      {long && (
        <>
          <p>{words.pay.askingLong}</p>
          <Button onPress={() => leave(bill)}>
            <Say phrase={words.pay.backTo(bill.payee.name)} />
          </Button>
        </>
      )}
    </section>
  )
}
