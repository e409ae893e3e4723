import type { Brand } from './brand.ts'
import { type Bytes, base64url } from './bytes.ts'

const identifierPrefixes = {
  payment: 'pay',
  payer: 'payer',
  card: 'card',
  merchant: 'merchant',
  event: 'event',
  apiKey: 'key',
  webhookEndpoint: 'webhook',
  recovery: 'recovery',
  merchantPerson: 'person',
} as const
type Kind = keyof typeof identifierPrefixes

export type PaymentId = Brand<string, 'PaymentId'>
/** Known to the payment server alone; merchants and the bank see pseudonyms. */
export type PayerId = Brand<string, 'PayerId'>
export type CardId = Brand<string, 'CardId'>
export type MerchantId = Brand<string, 'MerchantId'>
export type EventId = Brand<string, 'EventId'>
/** Names an API key without being it: may be shown and written anywhere. */
export type ApiKeyId = Brand<string, 'ApiKeyId'>
export type WebhookEndpointId = Brand<string, 'WebhookEndpointId'>
/** One attempt to get a name back, as payment server and bank call it. */
export type RecoveryId = Brand<string, 'RecoveryId'>
/** Somebody of a merchant's, who looks after its payments. */
export type MerchantPersonId = Brand<string, 'MerchantPersonId'>
/** Names one payer towards one reader (a merchant, the bank) and nobody else: two readers cannot compare notes. */
export type PayerPseudonym = Brand<string, 'PayerPseudonym'>
/** base64url of the WebAuthn credential id. */
export type CredentialId = Brand<string, 'CredentialId'>

type IdentifierOf = {
  payment: PaymentId
  payer: PayerId
  card: CardId
  merchant: MerchantId
  event: EventId
  apiKey: ApiKeyId
  webhookEndpoint: WebhookEndpointId
  recovery: RecoveryId
  merchantPerson: MerchantPersonId
}

export const identifierRandomBytes = 16

/** `pay_` and 22 characters of base64url: 128 bits, so an id that is not guessed is also not met twice. */
export function identifier<K extends Kind>(kind: K, random: Bytes): IdentifierOf[K] {
  if (random.length !== identifierRandomBytes) throw new RangeError('an identifier takes 16 random bytes')
  return `${identifierPrefixes[kind]}_${base64url(random)}` as IdentifierOf[K]
}

/** For schemas: one pattern a kind of identifier. */
export const identifierPattern = (kind: Kind): RegExp =>
  new RegExp(`^${identifierPrefixes[kind]}_[A-Za-z0-9_-]{21}[AQgw]$`)
export const pseudonymPattern = /^pp_[A-Za-z0-9_-]{21}[AQgw]$/
