import type { CardFace } from '../../../shared/card.ts'
import { type CardId, identifier } from '../../../shared/identifiers.ts'
import { money } from '../../../shared/money.ts'
import type { Bill, Card, Payer } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'

const bytes = (fill: number) => new Uint8Array(16).fill(fill)
export const visa: CardFace = { brand: 'visa', last4: '1111' }
export const cardNumbered = (number: number): CardId => identifier('card', bytes(number))

/** A bill as the payment server would tell of it; €12.50 for a coffee unless told otherwise. */
export const billOf = (change: Partial<Bill> = {}): Bill => ({
  id: identifier('payment', bytes(1)),
  payee: { name: 'Bluebird Coffee', origin: 'https://bluebird.example' },
  amount: money(12_50, 'EUR'),
  reference: '1042',
  description: null,
  lines: [],
  state: 'created',
  expiresAtMs: 1_900_000_000_000,
  nowMs: 1_899_999_000_000,
  triesLeft: 5,
  refundedMinor: 0,
  decline: null,
  receipt: null,
  returnUrl: 'https://bluebird.example/thanks',
  ...change,
})

export const paidBill = (): Bill =>
  billOf({
    state: 'captured',
    receipt: { card: visa, approvalCode: 'A1B2C3', paidAtMs: 1_899_999_500_000, ceremony: 'webauthn.get' },
  })

export const declinedBill = (triesLeft = 4): Bill =>
  billOf({ state: 'declined', triesLeft, decline: { reason: 'insufficient-funds' } })

const cardOf = (number: number): Card => ({
  id: cardNumbered(number),
  face: visa,
  bank: 'Harbour Bank',
  nickname: null,
  isDefault: false,
  isFrozen: false,
  isToldToBank: true,
})
export const ada: RememberedName = {
  username: 'ada',
  display: 'Ada',
  credentialIds: ['AAAA'],
  cards: [{ id: cardNumbered(1), face: visa }],
  lastUsedMs: 1,
}
export const adaSignedIn: Payer = {
  username: 'ada',
  display: 'Ada',
  passkeys: [{ credentialId: 'AAAA', thumbprint: 'A'.repeat(43) }],
  cards: [
    { ...cardOf(2), face: { brand: 'jcb', last4: '0505' } },
    { ...cardOf(1), isDefault: true },
  ],
}
