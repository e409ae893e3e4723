import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Bill } from '../../shared/wire/payment-api.ts'
import { useFirstSpeech } from './language-context.ts'
import { Say } from './say.tsx'

const hourMs = 3_600_000
const shortestPauseMs = 1000

/** How long a bill is open, by the server's clock: a phone's own may be wrong, but it runs at the right speed. */
export function Countdown({ bill, onEnd }: { bill: Bill; onEnd: () => void }) {
  const { words, locale } = useFirstSpeech()
  const endsAt = useMemo(() => performance.now() + bill.expiresAtMs - bill.nowMs, [bill])
  const [leftMs, setLeftMs] = useState(endsAt - performance.now())
  useEffect(() => {
    const tick = () => setLeftMs(endsAt - performance.now())
    tick()
    const every = setInterval(tick, 1000)
    const end = setTimeout(onEnd, Math.max(shortestPauseMs, endsAt - performance.now()))
    return () => {
      clearInterval(every)
      clearTimeout(end)
    }
  }, [endsAt, onEnd])
  if (leftMs > hourMs) {
    const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(Date.now() + leftMs)
    return (
      <span class="countdown">
        <Say phrase={words.pay.openUntil(time)} />
      </span>
    )
  }
  return (
    <span class={leftMs < 60_000 ? 'countdown soon' : 'countdown'} role="timer">
      <Say phrase={words.pay.openFor(minutesAndSeconds(leftMs))} />
    </span>
  )
}

export function minutesAndSeconds(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
