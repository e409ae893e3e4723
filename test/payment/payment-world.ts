import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { sql } from 'kysely'
import { makeBankKeys, openBank } from '../../server/bank/room.ts'
import { bankClient } from '../../server/payment/bank-client.ts'
import { paymentStore } from '../../server/payment/payment-store.ts'
import {
  makePaymentKeys,
  openMerchantDesk,
  openPayment,
  type PaymentConfig,
  type ResealProgress,
  reconcileLedgers,
  resealEverything,
} from '../../server/payment/room.ts'
import { type PaymentTables, paymentMigrations } from '../../server/payment/schema.ts'
import type { Transition } from '../../server/payment/transition.ts'
import { openExistingDatabase } from '../../server/runtime/database.ts'
import { egress } from '../../server/runtime/egress.ts'
import type { Secret } from '../../server/runtime/keys.ts'
import { silentLog } from '../../server/runtime/log.ts'
import type { Peer } from '../../server/runtime/peer.ts'
import type { Room, Stop, Tools } from '../../server/runtime/room.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { bankDriver } from '../support/bank.ts'
import { assertFitsContract } from '../support/contract.ts'
import { type Http, taken } from '../support/http.ts'
import { manualClock } from '../support/manual-clock.ts'
import { softwareMerchant } from '../support/merchant.ts'
import { type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { webhookEars } from '../support/webhook-ears.ts'

export const walletOrigin = 'http://pay.localhost:4410'
const rpId = 'pay.localhost'
export const bankIssuer = 'https://bank.example'
export const coffee = { name: 'Bluebird Coffee', origin: 'https://coffee.example', apiKey: 'key_coffee' }
export const operatorToken = 'operator_0123456789abcdef'
export const books = { name: 'Owl Books', origin: 'https://books.example', apiKey: 'key_books' }

/** Numbers of the simulator's test cards, by what they do. */
export const cardThat = {
  pays: cardWith('4111111111111111'),
  paysToo: cardWith('5555555555554444'),
  hasNoMoney: cardWith('4000000000009995'),
  isLost: cardWith('4000000000009987'),
  asksItsHolder: cardWith('4000002500003155'),
  hasAnotherCode: { ...cardWith('4111111111111111'), code: '000' },
}

function cardWith(number: string): CardDetails {
  const parsed = parseCardNumber(number)
  return { number: parsed, expiry: { month: 12, year: 2030 }, name: 'ADA LOVELACE', code: '123' }
}

/** What happens on the line to the bank instead of an exchange. */
export type Line = (ask: Peer, request: Request) => Promise<Response>
export const undisturbed: Line = (ask, request) => ask(request)
export const unreachable: Line = async () => {
  throw new TypeError('fetch failed')
}

type Options = {
  readonly engine?: 'sqlite' | 'postgres'
  readonly seed?: string
  readonly config?: Partial<
    Pick<
      PaymentConfig,
      'origin' | 'limits' | 'takesTestPayments' | 'webDirectory' | 'merchants' | 'isHttps' | 'operatorToken'
    >
  >
  readonly bankAnswersWithinMs?: number
}

/** The payment server behind its door, a real bank behind a line that can be cut, and a clock that moves when told. */
export async function openPaymentWorld(options: Options = {}) {
  const { engine = 'sqlite', seed = 'payment' } = options
  const directory = await mkdtemp(join(tmpdir(), 'moniker-payment-'))
  const file = (name: string) => join(directory, `${name}.db`)
  const urlOf = async (name: string) => (engine === 'postgres' ? await freshPostgresUrl() : `sqlite:${file(name)}`)
  const clock = manualClock(Date.UTC(2026, 10, 23, 9, 0, 0))
  /** What the payment server said at its terminal. */
  const told: string[] = []
  const tell = (sentence: string): void => void told.push(sentence)
  const toolsOf = (room: string): Tools => ({ clock, random: seededRandom(`${seed} ${room}`), log: silentLog, tell })
  const [paymentKeys, bankKeys] = await Promise.all([makePaymentKeys(), makeBankKeys()])
  const [sealing] = bankKeys.sealing
  if (sealing === undefined) throw new Error('a bank has a sealing key')
  const relyingParty = { id: rpId, name: 'Moniker', origins: [walletOrigin] }

  const bankConfig = {
    databaseUrl: await urlOf('bank'),
    issuer: bankIssuer,
    name: 'Harbour Bank',
    keys: bankKeys,
    paymentServers: [{ issuer: walletOrigin, keys: [paymentKeys.signing.publicJwk], relyingParty }],
    isSimulator: true,
  }
  let bank = await openBank(bankConfig, toolsOf('bank'))
  let config: PaymentConfig = {
    databaseUrl: await urlOf('payment'),
    cardDatabaseUrl: await urlOf('cards'),
    origin: walletOrigin,
    relyingParty,
    issuer: walletOrigin,
    keys: paymentKeys,
    bank: {
      issuer: bankIssuer,
      name: 'Harbour Bank',
      keys: [bankKeys.signing.publicJwk],
      sealingKey: sealing.publicJwk,
      answerWithinMs: options.bankAnswersWithinMs ?? 5_000,
    },
    merchants: [coffee, books],
    webDirectory: null,
    isHttps: false,
    limits: { burst: 1_000_000, perMinute: 1_000_000 },
    ...options.config,
  }

  const driver = bankDriver(async (request) => bank.fetch(request), bankIssuer)
  const bankHears = await bankClient({
    peer: async (request) => bank.fetch(request),
    issuer: walletOrigin,
    signing: paymentKeys.signing,
    bank: { issuer: bankIssuer, keys: [bankKeys.signing.publicJwk] },
    answerWithinMs: 5_000,
    tools: toolsOf('somebody with our key'),
  })
  let line = undisturbed
  const ears = webhookEars()
  const askBank: Peer = async (request) => bank.fetch(request)
  /** What the payment server sent to the bank: the last part of each address. */
  const asked: string[] = []
  const peers = {
    bank: (request: Request) => {
      asked.push(new URL(request.url).pathname)
      return line(askBank, request)
    },
    webhooks: ears.hear,
    push: egress({ allowsLoopback: true }),
  }
  let instances = 0
  const open = (change: Partial<PaymentConfig> = {}): Promise<Required<Room>> =>
    openPayment({ ...config, ...change }, peers, toolsOf(`payment ${instances++}`))
  let room = await open()
  const http: Http = async (request) => {
    const response = await room.fetch(request)
    await assertFitsContract(request, response)
    return response
  }
  const payerRandom = seededRandom(`${seed} payers`)

  const newcomer = (username: string, device?: SoftwarePayer['device']): SoftwarePayer =>
    softwarePayer({ username, http, origin: walletOrigin, rpId, random: payerRandom, ...(device && { device }) })

  return {
    clock,
    http,
    asked,
    told,
    directory,
    tick: (stop?: Stop) => room.tick(stop),
    /** Long enough for a round to come to everything that may be forgotten: two minutes. */
    async sweeps(): Promise<void> {
      for (let seconds = 0; seconds < 120; seconds += 10) {
        clock.advance(10_000)
        await room.tick()
      }
    },
    /** Time passes for what merchants' servers are told. */
    tells: (stop?: Stop) => tellsOutward(room, stop),
    /** What merchants' servers hear. */
    ears,
    newcomer,
    /** Another process over the same databases. */
    open,

    /** Somebody with a name, a passkey and a card. */
    async payer(username: string, card: CardDetails = cardThat.pays): Promise<SoftwarePayer> {
      const payer = newcomer(username)
      taken(await payer.takesName())
      taken(await payer.addsCard(card))
      return payer
    },

    shop: softwareMerchant({ http, origin: walletOrigin, apiKey: coffee.apiKey, shopOrigin: coffee.origin }),
    otherShop: softwareMerchant({ http, origin: walletOrigin, apiKey: books.apiKey, shopOrigin: books.origin }),

    /** What the bank signs with: a test can make it say anything. */
    bankSigning: bankKeys.signing,

    /** Straight to the bank, past the line. */
    bankReceives: askBank,

    /** What the bank is asked in the payment server's name, behind its back. */
    bankHears,

    /** Looks into the bank through its simulator's door. */
    bank: driver,

    /** From now on. */
    withBank(next: Line) {
      line = next
    },

    /** A merchant's server with another key than the one it was configured with. */
    shopWith: (apiKey: string) => softwareMerchant({ http, origin: walletOrigin, apiKey, shopOrigin: coffee.origin }),

    /** What `npm run merchant` opens. */
    merchantDesk: () => openMerchantDesk(config.databaseUrl, toolsOf(`desk ${instances++}`)),

    /** What `npm run reconcile` does. */
    reconciles: () => reconcileLedgers(config, peers, toolsOf(`reconciliation ${instances++}`)),

    /** The process is stopped and started again; what it kept in memory is gone. */
    async restarts() {
      await room.close()
      room = await open()
    },

    /** What both sides keep things by, the current key first. */
    keys: () => ({ records: bankConfig.keys.records, atRest: config.keys.atRest }),

    /** Both sides are stopped, and started again with these. */
    async restartsWith({ records, atRest }: { records: readonly Secret[]; atRest: readonly Secret[] }) {
      await room.close()
      await bank.close()
      bankConfig.keys = { ...bankConfig.keys, records }
      config = { ...config, keys: { ...config.keys, atRest } }
      bank = await openBank(bankConfig, toolsOf(`bank ${instances++}`))
      room = await open()
    },

    /** What `npm run reseal` does. */
    reseals: (progress: ResealProgress = () => {}) =>
      resealEverything(config, peers, toolsOf(`resealing ${instances++}`), progress),

    /** What payees have got for this payment, by the bank's books. Minor units. */
    bookedFor: driver.takenBy,

    /** Every move a payment made, and why. */
    async historyOf(payment: PaymentId): Promise<Transition[]> {
      const database = await openExistingDatabase<PaymentTables>(config.databaseUrl, paymentMigrations)
      try {
        return await paymentStore(database, clock).historyOf(payment)
      } finally {
        await database.close()
      }
    },

    /** How many texts in either database begin so, in whatever table and column. */
    async textsThatBeginWith(beginning: string): Promise<number> {
      let count = 0
      for (const url of [config.databaseUrl, config.cardDatabaseUrl]) {
        const { db, close } = await openExistingDatabase<Record<string, never>>(url, () => ({}))
        for (const { name, columns } of await db.introspection.getTables()) {
          for (const column of columns.filter(({ dataType }) => dataType.toLowerCase() === 'text')) {
            const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}
              where substr(${sql.ref(column.name)}, 1, ${sql.lit(beginning.length)}) = ${beginning}`.execute(db)
            count += rows[0]?.count ?? 0
          }
        }
        await close()
      }
      return count
    },

    /** The tables that have a column of this name, of either database. */
    async tablesWith(column: string): Promise<string[]> {
      const found: string[] = []
      for (const url of [config.databaseUrl, config.cardDatabaseUrl]) {
        const { db, close } = await openExistingDatabase<Record<string, never>>(url, () => ({}))
        const tables = await db.introspection.getTables()
        found.push(...tables.flatMap(({ name, columns }) => (columns.some((one) => one.name === column) ? [name] : [])))
        await close()
      }
      return found.toSorted()
    },

    /** What a column holds, in whichever database it is, without what is null. */
    async textsIn(table: string, column: string): Promise<string[]> {
      for (const url of [config.databaseUrl, config.cardDatabaseUrl]) {
        const { db, close } = await openExistingDatabase<Record<string, never>>(url, () => ({}))
        try {
          if (!(await db.introspection.getTables()).some(({ name }) => name === table)) continue
          const { rows } = await sql<{ text: string }>`select ${sql.ref(column)} as text from ${sql.table(table)}
            where ${sql.ref(column)} is not null`.execute(db)
          return rows.map(({ text }) => text)
        } finally {
          await close()
        }
      }
      throw new Error(`no table ${table}`)
    },

    /** The payment server loses its own copy of everybody's limits, and lets everything through. */
    async forgetsLimits(): Promise<void> {
      const { db, close } = await openExistingDatabase<Record<string, never>>(config.cardDatabaseUrl, () => ({}))
      await sql`update card set limits_closed = null`.execute(db)
      await close()
    },

    databaseUrl: () => config.databaseUrl,
    atRestKeys: config.keys.atRest,
    /** How many rows each of these tables has, in whichever database it is. */
    async rowsOf(tables: readonly string[]): Promise<number[]> {
      const counts = new Map<string, number>()
      for (const url of [config.databaseUrl, config.cardDatabaseUrl]) {
        const { db, close } = await openExistingDatabase<Record<string, never>>(url, () => ({}))
        for (const { name } of await db.introspection.getTables()) {
          const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db)
          counts.set(name, rows[0]?.count ?? 0)
        }
        await close()
      }
      return tables.map((table) => counts.get(table) ?? Number.NaN)
    },

    /** Looks into, or tampers with, a database behind the server's back. SQLite only. */
    database<T>(name: 'payment' | 'cards', look: (sqlite: BetterSqlite3.Database) => T): T {
      const sqlite = new BetterSqlite3(file(name))
      try {
        return look(sqlite)
      } finally {
        sqlite.close()
      }
    },

    async close() {
      await room.close()
      await bank.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
export type PaymentWorld = Awaited<ReturnType<typeof openPaymentWorld>>

/** One round of everything that a payment server tells strangers. */
export async function tellsOutward(room: Pick<Required<Room>, 'ticksOutward'>, stop?: Stop): Promise<void> {
  await Promise.all(room.ticksOutward.map((tick) => tick(stop)))
}
