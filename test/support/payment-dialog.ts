/** A browser that asks payers by itself, as Chromium 156 does: Secure Payment Confirmation. */
import type { PaymentDialog } from '../../shared/payment-dialog.ts'
import type { GetRequest } from './authenticator.ts'

/** The member `payment` of the client data (CollectedClientAdditionalPaymentData), in the browser's own order. */
export type Shown = Readonly<Record<string, unknown>> & {
  readonly total: Readonly<Record<string, unknown>>
  readonly instrument: Readonly<Record<string, unknown>>
}

export type ChangeOfShown = (shown: Shown) => Readonly<Record<string, unknown>>

/** What was asked for is what is shown, on the page of the passkey's own site. */
export function shownByBrowser(
  { payeeName, payeeOrigin, total: { value, currency }, instrument: { icon, displayName } }: PaymentDialog,
  { rpId, origin }: { readonly rpId: string; readonly origin: string },
): Shown {
  return {
    rpId,
    topOrigin: origin,
    payeeName,
    ...(payeeOrigin === undefined ? {} : { payeeOrigin }),
    paymentEntitiesLogos: [],
    total: { value, currency },
    instrument: { icon, displayName },
  }
}

/** The client data that the browser then writes and the passkey signs. */
export const inDialog = (payment: Readonly<Record<string, unknown>>): Pick<GetRequest, 'type' | 'payment'> => ({
  type: 'payment.get',
  payment,
})

const without =
  (name: string): ChangeOfShown =>
  ({ [name]: _left, ...shown }) =>
    shown
const withTotal =
  (change: object): ChangeOfShown =>
  (shown) => ({ ...shown, total: { ...shown.total, ...change } })
const withInstrument =
  (change: object): ChangeOfShown =>
  (shown) => ({ ...shown, instrument: { ...shown.instrument, ...change } })
const logo = { url: 'data:image/png;base64,AAAA', label: 'Another bank' }

/** Of a bill of €12.50 by https://coffee.example, from a Visa card: what a browser may have been made to show instead. */
export const otherThings: readonly [what: string, change: ChangeOfShown][] = [
  ['another payee', (shown) => ({ ...shown, payeeName: 'Bluebird Tea' })],
  ['no payee', without('payeeName')],
  ['another payee’s origin', (shown) => ({ ...shown, payeeOrigin: 'https://tea.example' })],
  ['a path of the payee', (shown) => ({ ...shown, payeeOrigin: 'https://coffee.example/' })],
  ['no origin of the payee', without('payeeOrigin')],
  ['a smaller total', withTotal({ value: '1.25' })],
  ['the same total in fewer digits', withTotal({ value: '12.5' })],
  ['the total as a number', withTotal({ value: 12.5 })],
  ['another currency', withTotal({ currency: 'USD' })],
  ['a total that says more', withTotal({ label: 'Total' })],
  ['no total', without('total')],
  ['another card', withInstrument({ displayName: 'Visa •••• 0000' })],
  ['another brand of card', withInstrument({ displayName: 'Mastercard •••• 1111' })],
  ['another picture of the card', withInstrument({ icon: 'data:image/png;base64,AAAA' })],
  ['no picture of the card', withInstrument({ icon: '' })],
  ['more about the card', withInstrument({ details: '•••• 0000' })],
  ['no card', without('instrument')],
  ['another site', (shown) => ({ ...shown, rpId: 'evil.example' })],
  ['another site by an older name', (shown) => ({ ...shown, rp: 'evil.example' })],
  ['no site', without('rpId')],
  ['another page', (shown) => ({ ...shown, topOrigin: 'https://evil.example' })],
  ['no page', without('topOrigin')],
  ['somebody’s logo', (shown) => ({ ...shown, paymentEntitiesLogos: [logo] })],
  ['logos that are none', (shown) => ({ ...shown, paymentEntitiesLogos: {} })],
  ['a key of the browser that is none', (shown) => ({ ...shown, browserBoundPublicKey: 1 })],
  ['something nobody knows', (shown) => ({ ...shown, discount: '12.49' })],
  ['nothing', () => ({})],
]

/** How else browsers write the same. */
export const sameThings: readonly [what: string, change: ChangeOfShown][] = [
  ['as it is', (shown) => shown],
  ['without a word on logos', without('paymentEntitiesLogos')],
  ['beside a key of the browser’s own', (shown) => ({ ...shown, browserBoundPublicKey: 'pQECAyYgASFYIA' })],
  ['with the site under its older name, too', (shown) => ({ ...shown, rp: shown.rpId })],
  ['in another order', (shown) => Object.fromEntries(Object.entries(shown).reverse())],
]
