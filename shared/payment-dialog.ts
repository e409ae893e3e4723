/**
 * What a browser's own payment dialog is asked to show of an intent, and what the passkey must then have signed: Secure Payment Confirmation.
 * Who asks and who checks read it here, so that they cannot differ.
 * @see Secure Payment Confirmation §4.1.2 (SecurePaymentConfirmationRequest), §5.1 (CollectedClientAdditionalPaymentData)
 */
import { brandNames } from './brand-names.ts'
import { isCanonicalBase64url } from './bytes.ts'
import { type CanonicalValue, canonicalJson } from './canonical-json.ts'
import type { CardFace } from './card.ts'
import { type Currency, decimalText } from './money-text.ts'

/** Of a pay intent. */
type Agreed = {
  readonly payee: { readonly name: string; readonly origin: string }
  readonly amount: { readonly minor: number; readonly currency: Currency }
}

/** All that the dialog draws. */
export type PaymentDialog = {
  readonly payeeName: string
  /** Absent where the payee has no safe origin, which browsers refuse to show: on one's own machine. */
  readonly payeeOrigin?: string
  readonly total: { readonly currency: Currency; readonly value: string }
  readonly instrument: { readonly displayName: string; readonly icon: string }
}

/**
 * On the wallet's own page.
 * @param face of the card that the intent names
 */
export const paymentDialogOf = (agreed: Agreed, face: CardFace): PaymentDialog =>
  dialogOf(agreed, `${brandNames[face.brand] || 'Card'} •••• ${face.last4}`)

/** On the payee's own page, where anybody may have typed the name: nothing of its card is told there. */
export const payeeDialogOf = (agreed: Agreed): PaymentDialog => dialogOf(agreed, 'Moniker')

const dialogOf = ({ payee, amount }: Agreed, displayName: string): PaymentDialog => ({
  payeeName: payee.name,
  ...(payee.origin.startsWith('https:') ? { payeeOrigin: payee.origin } : {}),
  total: { currency: amount.currency, value: decimalText(amount) },
  instrument: { displayName, icon },
})

/** What the browser must have shown, by the page that had it ask. */
export type PaymentDialogs = {
  readonly own: PaymentDialog
  readonly payees: PaymentDialog
  readonly payeeOrigin: string
}

export const paymentDialogsOf = (agreed: Agreed, face: CardFace): PaymentDialogs => ({
  own: paymentDialogOf(agreed, face),
  payees: payeeDialogOf(agreed),
  payeeOrigin: agreed.payee.origin,
})

/** @param origin of the page that had the browser ask: the payee's, or else one of the wallet's, which is not looked at here */
export const dialogOn = (origin: string, { own, payees, payeeOrigin }: PaymentDialogs): PaymentDialog =>
  origin === payeeOrigin ? payees : own

/**
 * Whether the browser showed exactly this.
 * @param payment the member of that name in the client data: whatever is missing in it, or is there besides, refuses it
 * @param asker the passkey's site, and the page that asked, which is at the top of its window
 */
export function isShownIn(
  payment: unknown,
  dialog: PaymentDialog,
  asker: { readonly relyingPartyId: string; readonly origin: string },
): boolean {
  if (typeof payment !== 'object' || payment === null) return false
  const { paymentEntitiesLogos = [], browserBoundPublicKey, rp = asker.relyingPartyId, ...shown }: Additions = payment
  // No logos were asked for, and browsers write that in two ways.
  const isPlain = Array.isArray(paymentEntitiesLogos) && paymentEntitiesLogos.length === 0
  // A key of the browser's own signs besides the passkey, where there is one. Nothing hangs on it here: the passkey signs all of this.
  const isBound = browserBoundPublicKey === undefined || isBase64url(browserBoundPublicKey)
  const expected = { ...dialog, rpId: asker.relyingPartyId, topOrigin: asker.origin }
  // Some write the passkey's site under its older name, too.
  return isPlain && isBound && rp === asker.relyingPartyId && isSameJson(shown, expected)
}

type Additions = {
  readonly paymentEntitiesLogos?: unknown
  readonly browserBoundPublicKey?: unknown
  readonly rp?: unknown
}

const isBase64url = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isCanonicalBase64url(value)

function isSameJson(value: object, expected: CanonicalValue): boolean {
  try {
    return canonicalJson(value as CanonicalValue) === canonicalJson(expected)
  } catch {
    return false // a fraction, or a text that is none: nothing of the kind is expected
  }
}

/** Moniker's mark, 64 × 64. In the text itself, so that the signature also says which picture was shown. */
const icon =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAEAAAABABAMAAABYR2ztAAAAGFBMVEUSVzwSVzwSVzwSVzxLfmiEpZS9zMD28+waDiAWAAAAA3RSTlMAVaoLuSc5AAABMklEQVR42rWW0RGCMAyGERfwdAE8F1Db4gA8MAAPDMCdDADS9aVNK0LaBE/NQw8uH+3/Q9qQJCb2J4Hiekx8bAJpi+wcEMmPBOS3IhpnCwgiTD6lgIxS4FRshKDXSGkgozyAjwMNXGiNRiULCCZ+C6hWT1FhQOr3GDBQzgDdIKCdA/0SyOd5/VgCNQMokAbr3AMASKwUPFwjwHksrNTG4AvgBgBc2HEBtB6Q1iACvEfrpgoA9QTkg8CA9NLNTRMAbvbzKeOiGG8LBJQwuxkaOwcBjAryLr7ECBWixoCaROpe6o6yacaOelERYHrVMaDkAP+5JZRj+XnB8CXHFi1f9uzG4bceu3mdEZev/nLChIHvz0n2KGYPc7YdsA2FbUm0iGxNW6RkZutac7y5v9o/9XvwBOKN+u4GnYzDAAAAAElFTkSuQmCC'
