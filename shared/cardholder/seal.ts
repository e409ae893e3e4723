import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import { type Bytes, utf8 } from '../bytes.ts'
import type { SealedCard } from '../card.ts'
import { passkeySetOf } from '../passkey.ts'
import type { SealingKey } from '../wire/payment-api.ts'
import type { CardDetails } from './card-details.ts'

export const sealAlgorithm = 'ECDH-ES'
export const sealEncryption = 'A256GCM'
export const sealType = 'moniker-card+jwe'
/** What a seal holds: the card, and `passkeySetOf` the passkeys that it may be bound to. */
export type SealContents = { readonly card: CardDetails; readonly passkeys: string }

/** Every card makes a seal of one size, so that a seal's length says nothing of the card. */
export const sealPlaintextBytes = 512

/**
 * Seals a card so that the holder of the bank's private key alone can read it; works in browsers and in Node.
 * @param passkeys thumbprints of those that shall pay with the card: the bank binds it to no other
 * @param key the bank's public key, from the payment server's configuration
 * @returns compact JWE; its text is what an intent's `seal` is the hash of
 * @throws {RangeError} where name or gender are longer than their parsers allow
 * @see RFC 7516 §5.1 (encryption), RFC 7518 §4.6 (ECDH-ES)
 */
export async function sealCard(card: CardDetails, passkeys: readonly string[], key: SealingKey): Promise<SealedCard> {
  const { kty, crv, x, y, kid } = key
  const contents: SealContents = { card, passkeys: await passkeySetOf(passkeys) }
  const plaintext = padded(JSON.stringify(contents))
  const header = { alg: sealAlgorithm, enc: sealEncryption, kid, typ: sealType } as const
  const sealed = await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt({ kty, crv, x, y })
  plaintext.fill(0)
  return sealed as SealedCard
}

function padded(text: string): Bytes {
  const bytes = utf8(text)
  if (bytes.length > sealPlaintextBytes) throw new RangeError('these card details do not fit a seal')
  const whole = new Uint8Array(sealPlaintextBytes).fill(0x20)
  whole.set(bytes)
  bytes.fill(0)
  return whole
}
