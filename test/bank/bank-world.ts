import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type BankKeys, makeBankKeys } from '../../server/bank/bank-keys.ts'
import { openBank } from '../../server/bank/room.ts'
import { importKeyPair, type KeyPair, makePrivateKey } from '../../server/runtime/keys.ts'
import { silentLog } from '../../server/runtime/log.ts'
import type { Arrival, RandomBytes } from '../../server/runtime/room.ts'
import { type PinnedKeys, pinKeys, readMessage, signMessage } from '../../server/runtime/signed-message.ts'
import { base64url } from '../../shared/bytes.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { DeclineReason } from '../../shared/decline.ts'
import { type Currency, money } from '../../shared/money.ts'
import type { ProblemBody } from '../../shared/problem.ts'
import { answerType, type BankOperation, bankOperations, joseContentType } from '../../shared/wire/bank-api.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { freshPostgresUrl } from '../support/postgres.ts'
import { seededRandom } from '../support/seeded-random.ts'

export const engines = ['SQLite', 'PostgreSQL'] as const
export type EngineName = (typeof engines)[number]

/** When every story starts. */
export const morning = Date.UTC(2026, 10, 23, 9, 0, 0)

const bankIssuer = 'https://bank.example'
export const walletOrigin = 'https://pay.example'
const relyingParty = { id: 'pay.example', origins: [walletOrigin] }

/** What the bank's operator shows, where it is no simulator. */
export const operatorToken = 'operator_0123456789abcdef'

/** Somebody who may speak to the bank: a name and the key it signs with. */
export type Speaker = { readonly issuer: string; readonly signing: KeyPair }

const makeSpeaker = async (issuer: string): Promise<Speaker> => ({
  issuer,
  signing: await importKeyPair(await makePrivateKey('ES256'), 'ES256'),
})

/** The bank behind its door, two payment servers that it has contracts with, and a clock that moves when told. */
export async function openBankWorld(
  engine: EngineName = 'SQLite',
  isSimulator = true,
  token: string | null = operatorToken,
) {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-bank-'))
  const databaseUrl = engine === 'SQLite' ? `sqlite:${join(directory, 'bank.db')}` : await freshPostgresUrl()
  const clock = manualClock(morning)
  const random = seededRandom(randomUUID())
  const keys = await makeBankKeys()
  const [sealing] = keys.sealing
  if (sealing === undefined) throw new Error('a bank has a sealing key')
  const wallet = await makeSpeaker(walletOrigin)
  const otherWallet = await makeSpeaker('https://other.example')
  const paymentServers = [wallet, otherWallet].map(({ issuer, signing }) => ({
    issuer,
    keys: [signing.publicJwk],
    relyingParty,
  }))
  const config = {
    databaseUrl,
    issuer: bankIssuer,
    name: 'Test Bank',
    keys,
    paymentServers,
    isSimulator,
    operatorToken: token,
  }
  const tools = { clock, random, log: silentLog }
  let room = await openBank(config, tools)
  const pinned = await pinKeys([keys.signing.publicJwk])
  const http = async (path: string, init: RequestInit = {}): Promise<Response> =>
    room.fetch(new Request(new URL(path, bankIssuer), init))
  const line = { http, clock, random, pinned }
  return {
    clock,
    random,
    keys,
    sealingKey: sealing.publicJwk,
    databaseUrl,
    wallet,
    otherWallet,
    http,
    serve: (request: Request, arrival: Arrival) => room.fetch(request, arrival),
    tick: () => room.tick(),
    asks: asksOf(line, wallet),
    otherAsks: asksOf(line, otherWallet),
    /** Starts the bank again over the same database, with other keys. */
    async reopen(newKeys: BankKeys) {
      await room.close()
      room = await openBank({ ...config, keys: newKeys }, tools)
    },
    simulator: simulatorOf(http),
    async close() {
      await room.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
export type BankWorld = Awaited<ReturnType<typeof openBankWorld>>

type Line = {
  readonly http: (path: string, init?: RequestInit) => Promise<Response>
  readonly clock: ManualClock
  readonly random: RandomBytes
  readonly pinned: PinnedKeys
}

/** Every operation as a payment server asks it: signed, and its answer read as strictly as it must. */
function asksOf(line: Line, from: Speaker) {
  const operation =
    <B extends z.ZodType, A extends z.ZodType>(name: BankOperation, _body: B, answer: A) =>
    async (body: z.output<B>): Promise<z.output<A>> => {
      const id = base64url(line.random(16))
      const response = await post(line, name, await messageOf(line, from, name, id, body))
      if (!response.ok) throw new BankProblem(await response.json())
      const channel = { issuer: bankIssuer, audience: from.issuer, type: answerType(name) }
      const reply = await readMessage(channel, line.pinned, line.clock.nowMs(), answer, await response.text())
      if (reply.inResponseTo !== id) throw new Error('the bank answered another question')
      return reply.body
    }
  const { enrol, authorize, inquire, reverse, capture, refund, limit, freeze, unbind, standing, reseal, statement } =
    bankOperations
  return {
    enrol: operation('enrol', enrol.body, enrol.answer),
    authorize: operation('authorize', authorize.body, authorize.answer),
    inquire: operation('inquire', inquire.body, inquire.answer),
    reverse: operation('reverse', reverse.body, reverse.answer),
    capture: operation('capture', capture.body, capture.answer),
    refund: operation('refund', refund.body, refund.answer),
    void: operation('void', bankOperations.void.body, bankOperations.void.answer),
    limit: operation('limit', limit.body, limit.answer),
    allowance: operation('allowance', bankOperations.allowance.body, bankOperations.allowance.answer),
    freeze: operation('freeze', freeze.body, freeze.answer),
    unbind: operation('unbind', unbind.body, unbind.answer),
    bind: operation('bind', bankOperations.bind.body, bankOperations.bind.answer),
    revoke: operation('revoke', bankOperations.revoke.body, bankOperations.revoke.answer),
    recover: operation('recover', bankOperations.recover.body, bankOperations.recover.answer),
    undo: operation('undo', bankOperations.undo.body, bankOperations.undo.answer),
    standing: operation('standing', standing.body, standing.answer),
    reseal: operation('reseal', reseal.body, reseal.answer),
    statement: operation('statement', statement.body, statement.answer),
  }
}

export const messageOf = (
  { clock }: Pick<Line, 'clock'>,
  from: Speaker,
  operation: BankOperation,
  id: string,
  body: unknown,
): Promise<string> => {
  const channel = { issuer: from.issuer, audience: bankIssuer, type: bankOperations[operation].type }
  return signMessage(channel, from.signing, clock.nowMs(), { id, body })
}

export const post = ({ http }: Pick<Line, 'http'>, operation: BankOperation, text: string): Promise<Response> =>
  http(bankOperations[operation].path, { method: 'POST', headers: { 'content-type': joseContentType }, body: text })

/** The bank did not answer the question, but said what is wrong with it. */
class BankProblem extends Error {
  readonly code: string
  constructor(body: ProblemBody) {
    super(`${body.code} ${body.detail ?? ''}`)
    this.code = body.code
  }
}

const issuedSchema = z.strictObject({
  number: z.string().transform(parseCardNumber),
  expiry: z.strictObject({ month: z.int(), year: z.int() }),
  code: z.string(),
  account: z.string(),
})
const accountSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['debit', 'credit', 'payee', 'equity']),
  currency: z.string(),
  label: z.string(),
  balanceMinor: z.int(),
  heldMinor: z.int(),
  availableMinor: z.int(),
})
const accountsSchema = z.object({ accounts: z.array(accountSchema) })
const journalSchema = z.strictObject({
  transactions: z.array(
    z.object({
      kind: z.string(),
      reference: z.string().nullable(),
      postings: z.array(z.object({ account: z.string(), kind: z.string(), minor: z.int(), currency: z.string() })),
    }),
  ),
})
const checkSchema = z.strictObject({
  sumsToZero: z.boolean(),
  everyMovementIsBooked: z.boolean(),
  transactions: z.int(),
})
/** What the bank says of its books while nobody has meddled with them. */
export const balanced = { sumsToZero: true, everyMovementIsBooked: true }

export type IssueOptions = { kind?: 'debit' | 'credit'; name?: string; does?: DeclineReason; asksCardholder?: true }

/** The simulator's control API. */
function simulatorOf(http: Line['http']) {
  const get = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> =>
    schema.parse(await (await http(path)).json())
  return {
    async issue(minor: number, currency: Currency = 'EUR', { kind = 'debit', ...more }: IssueOptions = {}) {
      const response = await http('/simulator/cards', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ balance: { minor, currency }, kind, ...more }),
      })
      return issuedSchema.parse(await response.json())
    },
    account: (id: string) => get(`/simulator/accounts/${id}`, accountSchema),
    accountsBehind: async (card: string) => (await get(`/simulator/enrolments/${card}`, accountsSchema)).accounts,
    accountsOfPayee: async (merchant: string) => (await get(`/simulator/payees/${merchant}`, accountsSchema)).accounts,
    journalOf: async (payment: string) =>
      (await get(`/simulator/postings?payment=${payment}`, journalSchema)).transactions,
    check: () => get('/simulator/check', checkSchema),
  }
}

export const eur = (minor: number) => money(minor, 'EUR')
