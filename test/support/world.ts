import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BankKeys, makeBankKeys } from '../../server/bank/bank-keys.ts'
import { openBank } from '../../server/bank/room.ts'
import { makePaymentKeys, type PaymentKeys } from '../../server/payment/keys.ts'
import { openPayment } from '../../server/payment/room.ts'
import { jsonLog } from '../../server/runtime/log.ts'
import type { Peer } from '../../server/runtime/peer.ts'
import type { Room, Tools } from '../../server/runtime/room.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import { type BankDriver, bankDriver } from './bank.ts'
import { type Http, taken } from './http.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { type Amount, eur, type SoftwareMerchant, softwareMerchant } from './merchant.ts'
import { nobodyListens } from './nobody-listens.ts'
import { type SoftwarePayer, softwarePayer } from './payer.ts'
import { freshPostgresUrl } from './postgres.ts'

type IssueOptions = { balance?: Amount; does?: DeclineReason }
export type Engine = 'sqlite' | 'postgres'
export const payOrigin = 'http://pay.localhost:4410'
export const bankOrigin = 'https://bank.example'
const rpId = 'pay.localhost'
const merchants = [
  { name: 'Bluebird Coffee', origin: 'https://coffee.example', apiKey: 'key_test_coffee_0123456789abcdef' },
  { name: 'Owl Books', origin: 'https://books.example', apiKey: 'key_test_books_0123456789abcdef' },
]

/** What the line between payment server and bank may do to one exchange. */
export type Fault = (ask: Peer, request: Request) => Promise<Response>

export type World = {
  readonly clock: ManualClock
  readonly directory: string
  readonly paymentKeys: PaymentKeys
  readonly bankKeys: BankKeys
  readonly payment: Room
  readonly http: Http
  readonly bank: BankDriver
  /** Every line any room logged. */
  readonly logged: string[]
  /** Every request that the payment server received, and every answer of the bank, with their headers. */
  readonly received: Received[]
  /** Lets the next exchanges with the bank go wrong, one after another. */
  readonly faults: Fault[]
  merchant(name: string): SoftwareMerchant
  /** Somebody with a name, a passkey and a card with money on it. */
  payer(username: string, options?: IssueOptions): Promise<SoftwarePayer>
  /** Somebody who has not been here before. */
  stranger(username: string): SoftwarePayer
  close(): Promise<void>
}

/** What came to the payment server, as text. */
export type Received = {
  readonly from: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function received(from: string, { headers, body }: Request | Response): Promise<Received> {
  return { from, headers: Object.fromEntries(headers), body: await new Response(body).text() }
}

/** Every room in one process, over databases of their own, with a clock that moves when told. */
export async function openWorld(engine: Engine = 'sqlite'): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-world-'))
  const databaseUrl = (name: string) =>
    engine === 'postgres' ? freshPostgresUrl() : Promise.resolve(`sqlite:${join(directory, `${name}.db`)}`)
  const clock = manualClock(Date.UTC(2026, 10, 23, 9, 0, 0))
  const logged: string[] = []
  const everythingReceived: Received[] = []
  const faults: Fault[] = []
  const tools: Tools = {
    clock,
    random: systemRandom,
    log: jsonLog('test', { write: (line: string) => logged.push(line) }),
  }
  const [paymentKeys, bankKeys] = await Promise.all([makePaymentKeys(), makeBankKeys()])
  const [sealing] = bankKeys.sealing
  if (sealing === undefined) throw new Error('the bank has no sealing key')
  const relyingParty = { id: rpId, name: 'Moniker', origins: [payOrigin] }

  const bank = await openBank(
    {
      databaseUrl: await databaseUrl('bank'),
      issuer: bankOrigin,
      name: 'Harbour Bank',
      keys: bankKeys,
      paymentServers: [{ issuer: payOrigin, keys: [paymentKeys.signing.publicJwk], relyingParty }],
      isSimulator: true,
    },
    tools,
  )
  const askBank: Peer = async (request) => bank.fetch(request)
  const payment = await openPayment(
    {
      databaseUrl: await databaseUrl('payment'),
      cardDatabaseUrl: await databaseUrl('cards'),
      origin: payOrigin,
      relyingParty,
      issuer: payOrigin,
      keys: paymentKeys,
      bank: {
        issuer: bankOrigin,
        name: 'Harbour Bank',
        keys: [bankKeys.signing.publicJwk],
        sealingKey: sealing.publicJwk,
      },
      merchants,
      webDirectory: null,
      isHttps: false,
    },
    {
      bank: async (request) => {
        const answer = await (faults.shift() ?? ((ask) => ask(request)))(askBank, request)
        everythingReceived.push(await received('the bank', answer.clone()))
        return answer
      },
      webhooks: nobodyListens,
      push: nobodyListens,
    },
    tools,
  )

  const http: Http = async (request) => {
    everythingReceived.push(await received(`${request.method} ${request.url}`, request.clone()))
    return payment.fetch(request)
  }
  const driver = bankDriver(async (request) => bank.fetch(request), bankOrigin)
  const stranger = (username: string) =>
    softwarePayer({ username, http, origin: payOrigin, rpId, random: systemRandom })

  return {
    clock,
    directory,
    paymentKeys,
    bankKeys,
    payment,
    http,
    bank: driver,
    logged,
    received: everythingReceived,
    faults,
    stranger,
    merchant(name) {
      const merchant = merchants.find((candidate) => candidate.name === name)
      if (merchant === undefined) throw new Error(`there is no merchant ${name}`)
      return softwareMerchant({ http, origin: payOrigin, apiKey: merchant.apiKey, shopOrigin: merchant.origin })
    },
    async payer(username, { balance = eur(1_000_00), does } = {}) {
      const payer = stranger(username)
      taken(await payer.takesName())
      taken(await payer.addsCard(await driver.issuesCard(balance, does)))
      return payer
    },
    async close() {
      await payment.close()
      await bank.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
