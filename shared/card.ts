import type { Brand } from './brand.ts'
import { base64url, utf8 } from './bytes.ts'

export const cardBrands = ['visa', 'mastercard', 'amex', 'unionpay', 'jcb', 'discover', 'diners', 'unknown'] as const
export type CardBrand = (typeof cardBrands)[number]

/** All that may be shown of a card, and all that a payment server ever reads of one. */
export type CardFace = { readonly brand: CardBrand; readonly last4: string }

/**
 * A card sealed in the browser to the bank: compact JWE (RFC 7516 §7.1), `ECDH-ES` on P-256 with `A256GCM`,
 * `typ` `moniker-card+jwe`, `kid` of the bank's sealing key. Opaque to everybody else. Patent claim 6.
 */
export type SealedCard = Brand<string, 'SealedCard'>

/** What the bank made for itself of an accepted card: compact JWE, opaque to everybody else. Patent claim 7. */
export type CardRecord = Brand<string, 'CardRecord'>

/** What an intent says of a sealed card: base64url of the SHA-256 of its text, so that no other can be put in its place. */
export async function sealHashOf(sealed: SealedCard): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(sealed))))
}
