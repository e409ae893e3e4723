/**
 * Where a payment can be. `unknown`: the bank was asked and its answer is missing; it is asked again, never re-authorized.
 * `declined` may be tried again with another ceremony or card until five failures have ended it.
 *
 * `authorized`: money is set aside. Some of it may be captured, and even refunded, already; the payment stays here until the rest is
 * captured, voided or expires. `captured`: nothing is set aside any more and some or all of it was taken. `refunded`: some or all of
 * what was captured was given back. How much, `capturedMinor` and `refundedMinor` say. `voided`: called off before anything was
 * captured. `expired`: nobody paid, or nobody captured anything, in time.
 */
export const paymentStates = [
  'created',
  'approving',
  'unknown',
  'authorized',
  'captured',
  'refunded',
  'declined',
  'expired',
  'canceled',
  'voided',
] as const
export type PaymentState = (typeof paymentStates)[number]

/** Every legal move. A compare-and-set in the store makes each of them happen once. */
export const legalMoves = {
  created: ['approving', 'declined', 'expired', 'canceled'],
  // An automatic capture goes through authorized as well, in the same commit.
  approving: ['authorized', 'declined', 'unknown'],
  unknown: ['authorized', 'declined'],
  // To itself, here and below: a part is captured or given back, or the bank refuses what a merchant asked for.
  authorized: ['authorized', 'captured', 'voided', 'expired'],
  captured: ['captured', 'refunded'],
  refunded: ['refunded'],
  declined: ['approving', 'declined', 'expired', 'canceled'],
  expired: [],
  canceled: [],
  voided: [],
} as const satisfies Record<PaymentState, readonly PaymentState[]>

/** Where a payment can come to this state from. */
export type Source<To extends PaymentState> = {
  [From in PaymentState]: To extends (typeof legalMoves)[From][number] ? From : never
}[PaymentState]
/** Where a payment in this state can go next; of one that may be in several, what every one of them allows. */
export type Move<S extends PaymentState> = {
  [To in PaymentState]: [S] extends [Source<To>] ? To : never
}[PaymentState]
/** One move, or two that follow each other in one commit. */
export type Path<S extends PaymentState> =
  | readonly [Move<S>]
  | { [Between in Move<S>]: readonly [Between, Move<Between>] }[Move<S>]

/** A payment that ends after this many failures of any kind; the username is never locked. Protocol, S304. */
export const failuresMax = 5
