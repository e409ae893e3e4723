import type { PaymentId } from '../../shared/identifiers.ts'
import type { PayIntent } from '../../shared/intent.ts'
import type { PaymentState } from '../../shared/payment.ts'
import type { Answer, Http } from '../support/http.ts'
import type { Dice } from './dice.ts'
import { Broken, type Message } from './message.ts'
import type { Person, shops } from './prepared.ts'
import type { Scheduler } from './scheduler.ts'

export type Shop = (typeof shops)[number]
export type Order = {
  readonly shop: Shop
  readonly payment: PaymentId
  readonly minor: number
  readonly expiresAtMs: number
}

/** Somebody was told by the payment server where a payment is. */
export type Told = {
  readonly who: string
  readonly payment: PaymentId
  readonly state: PaymentState
  readonly minor: number
}
/** A device has signed this, in its owner's hand. */
export type Signed = { readonly by: Person; readonly intent: PayIntent }

export type OrderKind = 'capture' | 'refund' | 'void'
/** A shop has asked for this under one key, as often as it took. */
export type Ordered = {
  readonly kind: OrderKind
  readonly payment: PaymentId
  /** Null: all that is left. */
  readonly minor: number | null
  /** What the shop was told in the end; `refused` by the bank, which is for good. */
  readonly outcome: 'done' | 'refused' | 'unknown'
}

/** What the people of a run remember, to hold the rooms to it in the end. */
export type Notes = {
  readonly signed: Signed[]
  readonly told: Told[]
  readonly ordered: Ordered[]
  /** Everything payers sent to confirm, as somebody on the wire would have it. */
  readonly overheard: Message[]
  complain(what: string): void
}

/** What everybody in a run acts with. */
export type Stage = {
  readonly scheduler: Scheduler
  readonly dice: Dice
  readonly people: readonly Person[]
  readonly notes: Notes
  /** The way to one of the payment servers, whichever. */
  readonly http: Http
}

/** Somebody starts to act on their own. */
export function starts(stage: Stage, act: () => Promise<void>): void {
  act().catch((error: unknown) => stage.notes.complain(`an actor is stuck: ${String(error)}`))
}

/** @returns null where no answer came */
export async function attempt<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T> | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Broken) return null
    throw error
  }
}
