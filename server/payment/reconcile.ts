import type { PaymentId } from '../../shared/identifiers.ts'
import { intentLifetimeMs } from '../../shared/intent.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../runtime/room.ts'
import { messageLifetimeSeconds } from '../runtime/signed-message.ts'
import type { BankClient } from './bank-client.ts'
import { leaseMs, pauseMsAfter } from './pause.ts'
import { isAsking, type Payment, type Try } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'
import type { Settle, Word } from './settle.ts'

const triesAtOnce = 20
/** After this the bank refuses the original by its own clock as well: message and intent are both too old. */
const originalDiesAfterMs = messageLifetimeSeconds * 1000 + intentLifetimeMs

/**
 * Finds out what became of payments whose answer is missing: asks the bank again by reference, ever less often, and reverses in the end
 * what never arrived there. Nothing is authorized again. Several processes may run this side by side.
 */
export function reconciliation(tools: {
  payments: PaymentStore
  bank: BankClient
  settle: Settle
  clock: Clock
  log: Log
}) {
  const { payments, bank, settle, clock, log } = tools

  /** @param stop for the worker; whoever pays is waiting for the answer */
  async function askAgain(id: PaymentId, stop?: Stop): Promise<Payment> {
    const payment = await payments.get(id)
    const { lastTry } = payment
    if (!isAsking(payment) || lastTry === null) return payment
    if (!(await payments.claimInquiry(lastTry, clock.nowMs() + leaseMs))) return payment
    const settled = await settle(id, lastTry.reference, await wordOf(lastTry, stop))
    if (isAsking(settled)) await payments.putOffInquiry(lastTry, clock.nowMs() + pauseMsAfter(lastTry.inquiries))
    return settled
  }

  async function wordOf({ reference, startedAtMs }: Try, stop?: Stop): Promise<Word> {
    const said = await bank.inquire(reference)
    const isDead = clock.nowMs() - startedAtMs > originalDiesAfterMs
    const isAbsent = said?.body.outcome === 'absent'
    // A tombstone makes sure of it, where the bank's clock is slow or the original lies in some queue.
    return isAbsent && isDead && !stop?.aborted ? bank.reverse(reference) : said
  }

  return {
    askAgain,
    async askDue(stop: Stop): Promise<void> {
      await forEachDue(await payments.dueForInquiry(triesAtOnce), log, (id) => askAgain(id, stop), stop)
    },
  }
}
export type Reconciliation = ReturnType<typeof reconciliation>
