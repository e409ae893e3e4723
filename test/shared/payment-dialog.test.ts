import { describe, expect, it } from 'vitest'
import type { CardFace } from '../../shared/card.ts'
import type { Currency } from '../../shared/money-text.ts'
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
