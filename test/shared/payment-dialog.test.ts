import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CardFace, cardBrands } from '../../shared/card.ts'
import { type Currency, currencies } from '../../shared/money-text.ts'
import { isShownIn, paymentDialogOf } from '../../shared/payment-dialog.ts'
import { everyMember } from '../mutation/mutants.ts'
import { otherThings, sameThings, shownByBrowser } from '../support/payment-dialog.ts'

const visa: CardFace = { brand: 'visa', last4: '1111' }
const payee = { name: 'Bluebird Coffee', origin: 'https://coffee.example' }
const euros = (minor: number) => ({ minor, currency: 'EUR' as const })
const asker = { rpId: 'pay.example', origin: 'https://pay.example' }
const dialog = paymentDialogOf({ payee, amount: euros(12_50) }, visa)

const isShown = (payment: unknown): boolean =>
  isShownIn(payment, dialog, { relyingPartyId: asker.rpId, origin: asker.origin })

describe('the dialog of a payment', () => {
  it('shows the payee, the amount and the card', () => {
    expect(dialog).toEqual({
      payeeName: 'Bluebird Coffee',
      payeeOrigin: 'https://coffee.example',
      total: { currency: 'EUR', value: '12.50' },
      instrument: { displayName: 'Visa •••• 1111', icon: expect.stringMatching(/^data:image\/png;base64,/) },
    })
  })

  it('shows no origin that others may speak for, which browsers refuse', () => {
    const local = { name: 'Bluebird Coffee', origin: 'http://shop.localhost:4420' }
    expect(paymentDialogOf({ payee: local, amount: euros(1) }, visa)).not.toHaveProperty('payeeOrigin')
  })

  it.each<[number, Currency, string]>([
    [1250, 'JPY', '1250'],
    [5, 'EUR', '0.05'],
    [1250, 'KWD', '1.250'],
  ])('writes %i minor units of %s as %s', (minor, currency, value) => {
    expect(paymentDialogOf({ payee, amount: { minor, currency } }, visa).total).toEqual({ currency, value })
  })

  it('has a word for a card of a brand that nobody knows', () => {
    const { instrument } = paymentDialogOf({ payee, amount: euros(1) }, { brand: 'unknown', last4: '0042' })
    expect(instrument.displayName).toBe('Card •••• 0042')
  })
})

/** PaymentRequest takes no other (Payment Request API, valid decimal monetary value). */
const decimalValue = /^-?[0-9]+(\.[0-9]+)?$/
const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((name) => name.isWellFormed())
const anyBill = fc.record({
  payee: fc.record({ name: anyName, origin: fc.constantFrom('https://coffee.example', 'http://shop.localhost:4420') }),
  amount: fc.record({
    minor: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    currency: fc.constantFrom(...currencies),
  }),
})
const anyFace = fc.record({ brand: fc.constantFrom(...cardBrands), last4: fc.stringMatching(/^[0-9]{4}$/) })

it('of two bills and cards each is shown by its own dialog alone', () => {
  fc.assert(
    fc.property(anyBill, anyFace, anyBill, anyFace, (bill, face, otherBill, otherFace) => {
      const own = paymentDialogOf(bill, face)
      const other = paymentDialogOf(otherBill, otherFace)
      const by = { relyingPartyId: asker.rpId, origin: asker.origin }
      expect(own.total.value).toMatch(decimalValue)
      expect(isShownIn(shownByBrowser(own, asker), own, by)).toBe(true)
      expect(isShownIn(shownByBrowser(other, asker), own, by)).toBe(isDeepStrictEqual(own, other))
      for (const minor of [bill.amount.minor - 1, bill.amount.minor * 10, Math.floor(bill.amount.minor / 10)]) {
        const less = paymentDialogOf({ ...bill, amount: { ...bill.amount, minor } }, face)
        if (Number.isSafeInteger(minor)) expect(isShownIn(shownByBrowser(less, asker), own, by)).toBe(false)
      }
    }),
  )
})

describe('what the browser says that it showed', () => {
  const shown = shownByBrowser(dialog, asker)

  it.each(sameThings)('is that dialog, %s', (_how, change) => {
    expect(isShown(change(shown))).toBe(true)
  })

  it.each(otherThings)('is not that dialog where it is %s', (_what, change) => {
    expect(isShown(change(shown))).toBe(false)
  })

  it.each([null, undefined, 'payment', 1, [], [shown]])('is not that dialog where it is %j', (payment) => {
    expect(isShown(payment)).toBe(false)
  })

  it('is that dialog in each member, whatever is put in its place', () => {
    const text = JSON.stringify(shown)
    let tried = 0
    for (const { what, apply } of everyMember(text)) {
      const mutant = apply(text)
      // Twice the same is one member to a reader, and refused before it is read; no logos are none, said or unsaid.
      if (mutant === null || /said|paymentEntitiesLogos removed/.test(what)) continue
      tried += 1
      expect(isShown(JSON.parse(Buffer.from(mutant).toString())), what).toBe(false)
    }
    expect(tried).toBeGreaterThan(100)
  })
})
