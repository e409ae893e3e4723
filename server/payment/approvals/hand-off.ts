import { base64url } from '../../../shared/bytes.ts'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import {
  type HandedOff,
  type Handoff,
  type HandoffProgress,
  matchMax,
  matchMin,
} from '../../../shared/wire/handoff-api.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import { assertOpen, type Expiry } from '../expire.ts'
import type { HandoffStore } from './handoff-store.ts'

const secretBytes = 16
const lifetimeMs = 5 * 60_000
/** Enough to try again; too few to guess: five tries at ninety numbers. */
const mostOfPayment = 5

/**
 * A bill that one screen shows and a phone pays. Nothing is trusted that was not before: the phone signs the same intent as everywhere. The
 * number keeps a code that a stranger shows, or sends, from being paid by whoever has another screen in front of them.
 */
export function handingOff(tools: { handoffs: HandoffStore; bills: Expiry; clock: Clock; random: RandomBytes }) {
  const { handoffs, bills, clock, random } = tools

  return {
    /** @throws {Problem} `payment-unknown`, `payment-in-progress`, `payment-expired`, `payment-settled`, `handoffs-too-many` */
    async begin(id: PaymentId): Promise<Handoff> {
      const payment = assertOpen(await bills.current(id))
      const nowMs = clock.nowMs()
      const made = {
        secret: base64url(random(secretBytes)),
        handle: base64url(random(secretBytes)),
        number: evenNumber(random),
        expiresAtMs: Math.min(nowMs + lifetimeMs, payment.expiresAtMs),
      }
      if (!(await handoffs.keep({ payment: id, ...made }, mostOfPayment))) throw new Problem('handoffs-too-many')
      return { ...made, nowMs }
    },

    /** For the first screen. @throws {Problem} `handoff-over` for a handle that was never given, or long ago */
    async progress(handle: string): Promise<HandoffProgress> {
      const kept = await handoffs.byHandle(handle)
      if (kept === null) throw new Problem('handoff-over')
      const { state } = await bills.current(kept.payment)
      const isOver = kept.state === 'open' && kept.expiresAtMs <= clock.nowMs()
      return { state: isOver ? 'over' : kept.state, payment: state }
    },

    /** For the phone, which has followed the link and said nothing yet. @throws {Problem} `handoff-over` */
    async look(secret: string): Promise<HandedOff> {
      const kept = await handoffs.bySecret(secret)
      if (kept === null || kept.state !== 'open' || kept.expiresAtMs <= clock.nowMs()) throw new Problem('handoff-over')
      const { payee, amount, reference } = await bills.current(kept.payment)
      return { payee: { name: payee.name, origin: payee.origin }, amount, reference }
    },

    /**
     * A wrong number ends it: with a second try a program would have two, and whoever sees the right number does not mistype it often.
     * @throws {Problem} `handoff-over`, `handoff-refused`
     */
    async match(secret: string, number: number): Promise<{ payment: PaymentId }> {
      const kept = await handoffs.match(secret, number)
      if (kept === null) throw new Problem('handoff-over')
      if (kept.state === 'refused') throw new Problem('handoff-refused')
      return { payment: kept.payment }
    },

    forgetOld: handoffs.forgetOld,
  }
}
export type HandingOff = ReturnType<typeof handingOff>

/** Each number is as likely as the others: bytes that would favour some are drawn again. */
function evenNumber(random: RandomBytes): number {
  const numbers = matchMax - matchMin + 1
  const fairBelow = 256 - (256 % numbers)
  for (;;) {
    const [byte = 255] = random(1)
    if (byte < fairBelow) return matchMin + (byte % numbers)
  }
}
