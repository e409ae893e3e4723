/** A move that is not legal does not compile: where one of these would, `tsc -b` says that an error was expected. */
import type { Transaction } from 'kysely'
import { expect, it } from 'vitest'
import type { In } from '../../server/payment/payment-record.ts'
import type { PaymentTables } from '../../server/payment/schema.ts'
import { writeMove } from '../../server/payment/write-move.ts'
import { legalMoves, type Move, type PaymentState, type Source } from '../../shared/payment.ts'

const why = { cause: 'bank-approved', change: {}, atMs: 0 } as const
type Everywhere = { [S in PaymentState]: In<S> }

/** Never called: it is written for the compiler. */
const moves = (transaction: Transaction<PaymentTables>, payment: Everywhere) => [
  () => writeMove(transaction, { from: payment.created, steps: ['approving'] }, why),
  () => writeMove(transaction, { from: payment.approving, steps: ['authorized', 'captured'] }, why),
  () => writeMove<'created' | 'declined'>(transaction, { from: payment.declined, steps: ['approving'] }, why),
  // @ts-expect-error what was captured cannot be declined any more
  () => writeMove(transaction, { from: payment.captured, steps: ['declined'] }, why),
  // @ts-expect-error nothing is captured that was not authorized
  () => writeMove(transaction, { from: payment.approving, steps: ['captured'] }, why),
  // @ts-expect-error the second step must be legal from the first
  () => writeMove(transaction, { from: payment.approving, steps: ['declined', 'captured'] }, why),
  // @ts-expect-error from here it goes nowhere
  () => writeMove(transaction, { from: payment.voided, steps: ['refunded'] }, why),
  // @ts-expect-error a move goes somewhere
  () => writeMove(transaction, { from: payment.created, steps: [] }, why),
  // @ts-expect-error a move has a cause, and there are so many
  () => writeMove(transaction, { from: payment.created, steps: ['approving'] }, { ...why, cause: 'because' }),
]

void moves

// @ts-expect-error of several states only what every one of them allows: what may be unknown already does not become it
const fromEitherOfTwo: Move<'approving' | 'unknown'> = 'unknown'
void fromEitherOfTwo

it('what the types allow is what the table says', () => {
  const fromEither: Move<'captured' | 'refunded'> = 'refunded'
  const fromCaptured: readonly Move<'captured'>[] = ['captured', 'refunded']
  const toDeclined: Record<Source<'declined'>, true> = { created: true, approving: true, unknown: true, declined: true }
  expect([legalMoves.captured, legalMoves.refunded]).toEqual([fromCaptured, [fromEither]])
  const sources = Object.entries(legalMoves).filter(([, allowed]) => allowed.some((state) => state === 'declined'))
  expect(sources.map(([state]) => state).sort()).toEqual(Object.keys(toDeclined).sort())
})
