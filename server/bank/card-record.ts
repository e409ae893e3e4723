import { z } from 'zod'
import type { CardRecord } from '../../shared/card.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { cardRecordSchema } from '../../shared/wire/bank-api.ts'
import { type CardLimits, cardIdSchema, moneySchema, pseudonymSchema } from '../../shared/wire/intent-schema.ts'
import type { Secret } from '../runtime/keys.ts'
import type { RandomBytes } from '../runtime/room.ts'
import { decryptOwn, encryptForOneself } from './own-jwe.ts'

const recordType = 'moniker-record+jwe'

/**
 * What the bank writes down for itself of a card it accepted (patent claim 7), and hands to the payment server to keep. In
 * place of the printed code it holds one that the bank minted: PCI DSS 4.0.1 §3.3.1 forbids keeping the printed one.
 */
const contentsSchema = z.strictObject({
  v: z.literal(1),
  /** Whom it was made for: it opens for this payment server, payer, card and passkey, and for no other. */
  paymentServer: z.string(),
  payer: pseudonymSchema,
  card: cardIdSchema,
  /** SHA-256 of the bound passkey's COSE key, base64url. */
  passkey: z.string(),
  number: z.string().transform(parseCardNumber),
  expiry: z.strictObject({ month: z.int(), year: z.int() }),
  name: z.string(),
  gender: z.string().exactOptional(),
  /** The most that one payment may take, as the cardholder asked. */
  limit: moneySchema.exactOptional(),
  /** Names the accounts behind the card, one a currency. */
  holder: z.string(),
  /** base64url of 16 random bytes. */
  code: z.string(),
})
export type CardRecordContents = z.output<typeof contentsSchema>

/** @param keys the current one, which is used, comes first */
export const closeRecord = (contents: CardRecordContents, keys: readonly Secret[], random: RandomBytes): CardRecord =>
  cardRecordSchema.parse(encryptForOneself(recordType, contents, keys, random))

/** The limit that the card was added with, as limits are written since. */
export const initialLimits = ({ limit }: Pick<CardRecordContents, 'limit'>): CardLimits | null =>
  limit === undefined
    ? null
    : { currency: limit.currency, perPaymentMinor: limit.minor, perDayMinor: null, perMonthMinor: null }

/** @returns null where this bank did not make it, or has retired the key */
export const openRecord = (record: CardRecord, keys: readonly Secret[]): CardRecordContents | null =>
  decryptOwn(recordType, contentsSchema, keys, record)
