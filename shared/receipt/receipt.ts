import { type Bytes, utf8 } from '../bytes.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { CardFace } from '../card.ts'
import type { Currency } from '../money-text.ts'

export const receiptFormat = 'moniker/receipt/v1'

/**
 * A payment that proves itself: whoever holds the file can check, offline and without asking anybody, what the payer agreed to and
 * that the bank approved just that. `README.md` beside this file says how, byte by byte. A file is the canonical JSON of this
 * (RFC 8785), and nothing around it: there is one spelling, so that no byte can change unnoticed.
 */
export type Receipt = {
  readonly format: typeof receiptFormat
  /** What the payer agreed to. The passkey signed the hash of it. */
  readonly intent: ReceiptIntent
  /** What the passkey signed, and its signature (WebAuthn L3 §7.2); all base64url. */
  readonly evidence: {
    readonly authenticatorData: string
    readonly clientDataJSON: string
    readonly signature: string
  }
  /** The passkey's public key: a COSE_Key (RFC 9052 §7), base64url. */
  readonly passkey: string
  /** The site that the passkey belongs to (WebAuthn L3, RP ID), such as `pay.example`. */
  readonly relyingParty: string
  /** The bank's approval as it was received: a compact JWS (RFC 7515 §7.1). */
  readonly decision: string
  /** The key that the bank signed it with; `kid` is the key's fingerprint (RFC 7638, SHA-256). */
  readonly bankKey: BankKey
  /** All that may be shown of the card. The bank's approval names it too. */
  readonly card: CardFace
}

/** A pay intent as it stands in a file: `wire/intent-schema.ts`. */
export type ReceiptIntent = {
  readonly v: 1
  readonly purpose: 'pay'
  readonly payment: string
  readonly payee: { readonly id: string; readonly name: string; readonly origin: string }
  readonly amount: { readonly minor: number; readonly currency: Currency }
  readonly reference: string
  readonly card: string
  readonly payer: string
  readonly nonce: string
  readonly notAfter: number
  readonly seal?: string | undefined
}

export type BankKey = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
}

/** The bytes of the file. */
export const receiptBytes = (receipt: Receipt): Bytes => utf8(canonicalJson(receipt))

export const receiptFileName = (payment: string): string => `moniker-receipt-${payment}.json`
