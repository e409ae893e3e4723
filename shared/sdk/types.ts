/** What the merchant API takes and tells, by itself: this package needs no other. The payment server's own schemas fit these types. */

/** Of an amount: whole minor units (cents), and an ISO 4217 code. */
export type Amount = { readonly minor: number; readonly currency: string }

/** `unitAmountMinor` of one; a discount is less than nothing. */
export type Line = { readonly description: string; readonly quantity: number; readonly unitAmountMinor: number }

export type NewPayment = {
  readonly amount: Amount
  /** Your own name for the order; shown to the payer and signed by them. */
  readonly reference: string
  readonly description?: string
  /** What is paid for, shown to the payer. What they come to is the amount. */
  readonly lines?: readonly Line[]
  /** Both on your registered origin. */
  readonly successUrl: string
  readonly cancelUrl: string
  /** `manual` sets the money aside for seven days, until you capture it. Default `automatic`. */
  readonly capture?: 'automatic' | 'manual'
  /** Up to twenty words of your own, by your own names. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Whole seconds, 60 to 86,400. Default 1,800. */
  readonly expiresInSeconds?: number
}

export type PaymentState =
  | 'created'
  | 'approving'
  | 'authorized'
  | 'captured'
  | 'declined'
  | 'unknown'
  | 'voided'
  | 'refunded'
  | 'expired'
  | 'canceled'

/** Amounts in minor units, times in milliseconds since the Unix epoch. */
export type Payment = {
  readonly id: string
  readonly object: 'payment'
  readonly mode: 'test' | 'live'
  readonly state: PaymentState
  readonly amount: Amount
  readonly capturedMinor: number
  readonly refundedMinor: number
  /** Of a payment that is `authorized`: when what is not captured will be let go. */
  readonly captureBeforeMs?: number
  /** What the bank was asked for and has not answered yet. It will be settled without further ado. */
  readonly pending?: { readonly captureMinor: number; readonly refundMinor: number; readonly void: boolean }
  readonly reference: string
  readonly description: string | null
  readonly lines: readonly Line[]
  readonly metadata: Readonly<Record<string, string>>
  /** Send the payer's browser here. */
  readonly url: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** The same payer has the same name here at every payment to you, and another one at every other merchant. */
  readonly payer: string | null
  readonly card: { readonly brand: string; readonly last4: string } | null
  readonly decline: { readonly reason: string; readonly final: boolean } | null
  /** What the bank last decided, as it signed it: `readDecision` reads it. Null where no bank was asked. */
  readonly decision: string | null
}

export type PaymentEvent = {
  /** The same however often it is told. */
  readonly id: string
  readonly object: 'event'
  readonly type: `payment.${Exclude<PaymentState, 'approving' | 'unknown'> | `${'capture' | 'refund' | 'void'}_failed`}`
  readonly mode: 'test' | 'live'
  readonly createdAtMs: number
  /** As it was then. */
  readonly payment: Payment
  /** Of `payment.capture_failed`, `payment.refund_failed` and `payment.void_failed`: of how much, in minor units, and why the bank refused. */
  readonly refusal?: { readonly amountMinor: number; readonly reason: string }
}

export type WebhookEndpoint = {
  readonly id: string
  readonly object: 'webhook-endpoint'
  readonly mode: 'test' | 'live'
  readonly url: string
  readonly state: 'enabled' | 'disabled' | 'gone'
  readonly createdAtMs: number
  readonly keys: { readonly secret: string; readonly publicKey: string }
  /** Until then webhooks are signed by the keys of before as well. */
  readonly formerKeysUntilMs?: number
}

/** `next` is the `after` of the page that follows; null on the last one. */
export type Page<Name extends string, T> = { readonly object: 'list'; readonly next: string | null } & {
  readonly [name in Name]: readonly T[]
}
