import type { EnrolIntent, PayIntent, SignInIntent } from '../../../shared/intent.ts'
import type { Bill, Configuration } from '../../../shared/wire/payment-api.ts'
import type { Assertion } from '../../../web/doors/passkey.ts'
import type { PaymentClient } from '../../../web/doors/payment-client.ts'
import { cardNumbered } from './bill.ts'

export const nothing = (): never => {
  throw new Error('not asked for in these tests')
}

/** A server that is asked nothing; a test says what it is asked. */
export const silentClient: PaymentClient = {
  ask: nothing,
  configuration: nothing,
  bill: nothing,
  payIntent: nothing,
  confirm: nothing,
  cancel: nothing,
  username: nothing,
  enrolIntent: nothing,
  enrol: nothing,
  session: nothing,
  whoIsHere: nothing,
  signInIntent: nothing,
  signIn: nothing,
}

export const configuration: Configuration = {
  relyingParty: { id: 'pay.example', name: 'Moniker' },
  bank: { name: 'Bank', sealingKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'kid' } },
}

/** What a passkey answers; nobody verifies it here. */
export const assertionBy = (id: string): Assertion => ({
  id,
  rawId: id,
  type: 'public-key',
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
})

const stamp = { v: 1, nonce: 'A'.repeat(43), notAfter: 1 } as const

export const payIntentOf = (bill: Bill, change: Partial<PayIntent> = {}): PayIntent => ({
  ...stamp,
  purpose: 'pay',
  payment: bill.id,
  payee: { id: 'merchant_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payee']['id'], ...bill.payee },
  amount: bill.amount,
  reference: bill.reference,
  card: cardNumbered(1),
  payer: 'pp_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payer'],
  ...change,
})

/** Each asked for has a nonce of its own, so that a test can tell one from the next. */
export const enrolIntentOf = (username: string, number: number): EnrolIntent => ({
  ...stamp,
  nonce: String(number).padEnd(43, 'A'),
  purpose: 'enrol',
  userHandle: 'A'.repeat(22),
  username,
})

export const signInIntent: SignInIntent = { ...stamp, purpose: 'sign-in' }
