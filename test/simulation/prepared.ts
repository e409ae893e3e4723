import { createECDH } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BankConfig } from '../../server/bank/room.ts'
import { type BankKeys, openBank } from '../../server/bank/room.ts'
import { openPayment, type PaymentConfig, type PaymentKeys } from '../../server/payment/room.ts'
import { importKeyPair, type KeyPair, type KeyUse, makeSecret } from '../../server/runtime/keys.ts'
import { silentLog } from '../../server/runtime/log.ts'
import type { RandomBytes, Tools } from '../../server/runtime/room.ts'
import { base64url } from '../../shared/bytes.ts'
import type { CardId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import { type SoftwareAuthenticator, softwareAuthenticator } from '../support/authenticator.ts'
import { bankDriver } from '../support/bank.ts'
import { taken } from '../support/http.ts'
import { manualClock } from '../support/manual-clock.ts'
import { eur } from '../support/merchant.ts'
import { nobodyListens } from '../support/nobody-listens.ts'
import { softwarePayer } from '../support/payer.ts'
import { diceOf } from './dice.ts'
import { openStorages, type Storages } from './storage.ts'

export const startMs = Date.UTC(2026, 10, 23, 9, 0, 0)
/** Half a minute before a day and a month end, and their limits begin anew. */
export const lateMs = Date.UTC(2026, 10, 30, 23, 59, 30)
export const payOrigin = 'http://pay.localhost:4410'
const rpId = 'pay.localhost'
const bankIssuer = 'https://bank.example'
const relyingParty = { id: rpId, name: 'Moniker', origins: [payOrigin] }

export const shops = [
  { name: 'Bluebird Coffee', origin: 'https://coffee.example', apiKey: 'key_test_coffee_0123456789abcdef' },
  { name: 'Owl Books', origin: 'https://books.example', apiKey: 'key_test_books_0123456789abcdef' },
] as const

const noLimits: CardLimits = { currency: 'EUR', perPaymentMinor: null, perDayMinor: null, perMonthMinor: null }

/** Money is short, so that payments that race can take more than there is. Minor units. */
const people = [
  { username: 'ada', balanceMinor: 100_00, limits: noLimits, tooMuchMinor: [40_00, 90_00] },
  { username: 'bob', balanceMinor: 80_00, limits: { ...noLimits, perDayMinor: 20_00 }, tooMuchMinor: [8_00, 20_00] },
  {
    username: 'cleo',
    balanceMinor: 150_00,
    limits: { ...noLimits, perPaymentMinor: 60_00, perMonthMinor: 70_00 },
    tooMuchMinor: [25_00, 60_00],
  },
  {
    username: 'mallory',
    balanceMinor: 50_00,
    limits: { ...noLimits, perDayMinor: 20_00 },
    tooMuchMinor: [8_00, 20_00],
  },
] as const satisfies readonly (Omit<Person, 'device' | 'card'> & { balanceMinor: number })[]

export type Person = {
  readonly username: string
  readonly device: SoftwareAuthenticator
  readonly card: CardId
  /** Per payment by the card's record, per day and month as its payer signed. */
  readonly limits: CardLimits
  /** From, to: several payments of so much want more than the account has, or than the payer agreed to for a day or a month. */
  readonly tooMuchMinor: readonly [number, number]
}

/** Both rooms as they were when everybody had enrolled, for every run to start from. */
export type Prepared = {
  readonly bank: BankConfig
  readonly payment: PaymentConfig
  readonly people: readonly Person[]
  readonly storages: Storages
}

/** @param directory to work in; emptied by the caller */
export async function prepare(directory: string): Promise<Prepared> {
  const { bytes } = diceOf('everybody enrols')
  const configs = configsOf(await keysOf(bytes))
  const here = (config: string) => config.replace('sqlite:', `sqlite:${directory}/`)
  const tools: Tools = { clock: manualClock(startMs - 60_000), random: bytes, log: silentLog }
  const bank = await openBank({ ...configs.bank, databaseUrl: here(configs.bank.databaseUrl) }, tools)
  const { databaseUrl, cardDatabaseUrl } = configs.payment
  const payment = await openPayment(
    { ...configs.payment, databaseUrl: here(databaseUrl), cardDatabaseUrl: here(cardDatabaseUrl) },
    { bank: async (request) => bank.fetch(request), webhooks: nobodyListens, push: nobodyListens },
    tools,
  )
  const enrolled: Person[] = []
  for (const { username, balanceMinor, limits, tooMuchMinor } of people) {
    const device = softwareAuthenticator({ random: bytes, origin: payOrigin, rpId, synced: true })
    const http = async (request: Request) => payment.fetch(request)
    const payer = softwarePayer({ username, http, origin: payOrigin, rpId, random: bytes, device })
    taken(await payer.takesName())
    const issued = await bankDriver(async (request) => bank.fetch(request), bankIssuer).issuesCard(eur(balanceMinor))
    const { perPaymentMinor } = limits
    const details = perPaymentMinor === null ? issued : { ...issued, limit: money(perPaymentMinor, 'EUR') }
    const [card] = taken(await payer.addsCard(details)).cards
    if (card === undefined) throw new Error(`${username} has no card`)
    if (limits.perDayMinor !== null || limits.perMonthMinor !== null) taken(await payer.limits(card.id, limits))
    enrolled.push({ username, device, card: card.id, limits, tooMuchMinor })
  }
  await Promise.all([payment.close(), bank.close()])
  const imageOf = (file: string) => readFileSync(join(directory, file))
  const images = { 'payment.db': imageOf('payment.db'), 'cards.db': imageOf('cards.db'), 'bank.db': imageOf('bank.db') }
  return { ...configs, people: enrolled, storages: openStorages(images) }
}

type Keys = { readonly payment: PaymentKeys; readonly bank: BankKeys }

function configsOf(keys: Keys): { bank: BankConfig; payment: PaymentConfig } {
  const [sealing] = keys.bank.sealing
  if (sealing === undefined) throw new Error('the bank has no sealing key')
  return {
    bank: {
      databaseUrl: 'sqlite:bank.db',
      issuer: bankIssuer,
      name: 'Harbour Bank',
      keys: keys.bank,
      paymentServers: [{ issuer: payOrigin, keys: [keys.payment.signing.publicJwk], relyingParty }],
      isSimulator: true,
    },
    payment: {
      databaseUrl: 'sqlite:payment.db',
      cardDatabaseUrl: 'sqlite:cards.db',
      origin: payOrigin,
      relyingParty,
      issuer: payOrigin,
      keys: keys.payment,
      bank: {
        issuer: bankIssuer,
        name: 'Harbour Bank',
        keys: [keys.bank.signing.publicJwk],
        sealingKey: sealing.publicJwk,
      },
      merchants: shops,
      webDirectory: null,
      isHttps: false,
      limits: { burst: 100_000, perMinute: 100_000 },
    },
  }
}

/** Keys that are the same in every process, because a seed has to mean the same everywhere. */
async function keysOf(random: RandomBytes): Promise<Keys> {
  const secret = () => makeSecret(random)
  const signing = await keyPairOf(random, 'ES256')
  return {
    payment: {
      signing,
      // Nobody in a story subscribes.
      push: signing,
      intents: secret(),
      names: secret(),
      pseudonyms: secret(),
      atRest: [secret()],
    },
    bank: {
      signing: await keyPairOf(random, 'ES256'),
      formerSigning: [],
      retiredSigning: [],
      sealing: [await keyPairOf(random, 'ECDH-ES')],
      records: [secret()],
      lookup: secret(),
    },
  }
}

function keyPairOf(random: RandomBytes, use: KeyUse): Promise<KeyPair> {
  const secret = random(32)
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const point = new Uint8Array(curve.getPublicKey())
  const coordinates = { x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) }
  return importKeyPair(
    { kty: 'EC', crv: 'P-256', kid: base64url(random(6)), d: base64url(secret), ...coordinates },
    use,
  )
}
