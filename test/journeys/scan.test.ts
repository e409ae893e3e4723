/** No card number, no printed code and no name is anywhere a payment server keeps, writes or receives things. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { withWrongCode } from '../support/bank.ts'
import { canary, sightings } from '../support/canary.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { wordsIn } from '../support/words-in.ts'
import { openWorld, payOrigin, type Received, type World } from '../support/world.ts'

const username = 'zephyrine_quill'
const cardholder = 'ZEPHYRINE QUILLFEATHER'
/** Put where anything may be put, to show that the scan would find what it looks for. */
const planted = { number: '4929123456781234', code: '4517', headerNumber: '4929876543214321', headerCode: '6283' }
/** An American Express code has four digits: no other number of this story is one of these. */
const amex = (code: string): CardDetails => ({
  number: parseCardNumber('378282246310005'),
  expiry: { month: 12, year: 2030 },
  code,
  name: cardholder,
})

let world: World
let kept: Map<string, Buffer>
/** Each place where something is kept, and every word that was there at any moment of the story. */
const words = new Map<string, Set<string>>()
let cards: CardDetails[]
let requests: Received[]

beforeAll(async () => {
  world = await openWorld()
  const payer = await world.payer(username)
  const good = { ...(await world.bank.issuesCard(eur(100_00))), name: cardholder }
  const wrongCode = withWrongCode({ ...(await world.bank.issuesCard(eur(100_00))), name: cardholder })
  const [fourDigits, twoTouch] = [amex('7391'), amex('8264')]
  cards = [good, wrongCode, fourDigits, twoTouch]
  for (const card of [good, wrongCode, fourDigits]) {
    await payer.addsCard(card)
    look()
  }
  const shop = world.merchant('Bluebird Coffee')
  const bill = await shop.asks(eur(12_50), { reference: planted.number, description: `code ${planted.code}` })
  expect(outcomeOf(await payer.pays(bill))).toBe('captured')
  look()

  // Two touches: the seal comes with the confirmation of the first payment.
  const newcomer = world.stranger('orpheus_vale')
  taken(await newcomer.takesName())
  const first = await shop.asks(eur(3_80))
  const confirmation = await newcomer.signs(first, { newCard: twoTouch })
  look()
  expect(outcomeOf(await newcomer.confirms(first, confirmation))).toBe('captured')
  look()

  // What a mistaken page or program might send: the server refuses it, or takes no notice, and must not remember it either.
  await payer.tab.post('/api/usernames', z.unknown(), { username: good.number })
  await payer.tab.post('/api/usernames', z.unknown(), { username: `${fourDigits.number} ${fourDigits.code}` })
  const headers = { 'x-card': planted.headerNumber, 'x-code': planted.headerCode }
  await world.http(new Request(new URL('/api/configuration', payOrigin), { headers }))
  look()
  kept = await everythingKept()
  requests = world.received
})
afterAll(() => world.close())

async function everythingKept(): Promise<Map<string, Buffer>> {
  const files = (await readdir(world.directory)).filter((name) => !name.startsWith('bank.'))
  const contents = await Promise.all(
    files.map(async (name) => [name, await readFile(join(world.directory, name))] as const),
  )
  return new Map([...contents, ['log', Buffer.from(world.logged.join(''))]])
}

/** Takes apart what is kept at this moment, value by value. */
function look(): void {
  const note = (place: string, value: unknown) => {
    const there = words.get(place) ?? new Set()
    for (const word of wordsIn(value)) there.add(word)
    words.set(place, there)
  }
  for (const name of ['payment.db', 'cards.db']) {
    const sqlite = new BetterSqlite3(join(world.directory, name), { readonly: true })
    const tables = sqlite.prepare(`select name from sqlite_master where type = 'table'`).pluck().all()
    for (const table of tables) {
      for (const row of sqlite.prepare(`select * from "${table}"`).all()) {
        for (const [column, value] of Object.entries(z.record(z.string(), z.unknown()).parse(row))) {
          note(`${name} ${table}.${column}`, value)
        }
      }
    }
    sqlite.close()
  }
  for (const line of world.logged) note('log', line)
}

const canaries = () => [
  ...cards.map(({ number }, index) => canary(`number ${index}`, number)),
  ...cards.map(({ code }, index) => canary(`code ${index}`, `"code":"${code}"`)),
  canary('cardholder', cardholder),
]
const found = (what: ReturnType<typeof canaries>) =>
  [...kept].flatMap(([place, bytes]) => sightings(what, bytes).map((sighting) => `${place}: ${sighting}`))
/** Bare, as a word of its own. */
const placesOf = (word: string): string[] => [...words].flatMap(([place, there]) => (there.has(word) ? [place] : []))
/** Those that no other number here could be. */
const fourDigitCodes = () => cards.map(({ code }) => code).filter((code) => code.length === 4)

const bytesOf = ({ from, headers, body }: Received): Buffer =>
  Buffer.from([from, ...Object.entries(headers).flat(), body].join('\n'))
const isSeenIn = (what: ReturnType<typeof canaries>, request: Received): boolean =>
  sightings(what, bytesOf(request)).length > 0
const hasWord = (word: string, request: Received): boolean => [...wordsIn(request)].includes(word)

describe('the payment server', () => {
  it('keeps databases, write-ahead logs and a log, or there would be nothing to scan', () => {
    expect([...kept.keys()].sort()).toEqual(
      expect.arrayContaining(['cards.db', 'cards.db-wal', 'log', 'payment.db', 'payment.db-wal']),
    )
    expect(kept.get('log')?.length).toBeGreaterThan(0)
    expect(words.size).toBeGreaterThan(50)
  })

  it('is scanned by eyes that see: what was planted in an order is found, the number and the bare code', () => {
    const control = canary('planted', planted.number)
    expect(found([control])).not.toEqual([])
    expect(requests.some((request) => isSeenIn([control], request))).toBe(true)
    expect(placesOf(planted.number)).toContain('payment.db payment.reference')
    expect(placesOf(planted.code)).toContain('payment.db payment.description')
    expect(requests.some((request) => hasWord(planted.code, request))).toBe(true)
  })

  it('is scanned with all that came: what was planted in a header is found', () => {
    const control = canary('planted', planted.headerNumber)
    expect(requests.filter((request) => isSeenIn([control], request))).toHaveLength(1)
    expect(requests.filter((request) => hasWord(planted.headerCode, request))).toHaveLength(1)
    expect(found([control])).toEqual([])
    expect(placesOf(planted.headerCode)).toEqual([])
  })

  it('keeps no card number, printed code or cardholder’s name, in any spelling', () => {
    expect(found(canaries())).toEqual([])
  })

  it('keeps no printed code by itself either, in any column or line, at any moment', () => {
    expect(fourDigitCodes()).toEqual(['7391', '8264'])
    for (const code of fourDigitCodes()) expect(placesOf(code)).toEqual([])
  })

  it('received none either, but what somebody typed into the name field', () => {
    const withSecrets = requests.filter(
      (request) => isSeenIn(canaries(), request) || fourDigitCodes().some((code) => hasWord(code, request)),
    )
    expect(withSecrets.map(({ from }) => from)).toEqual(Array(2).fill(`POST ${payOrigin}/api/usernames`))
  })

  it('received the seals of cards that were added, and of the one that came with its first payment', () => {
    const sealed = requests.filter(({ body }) => body.includes('"sealed":'))
    expect(sealed.map(({ from }) => new URL(from.split(' ')[1] ?? '').pathname.split('/').at(-1))).toEqual([
      ...['cards', 'cards', 'cards', 'cards'],
      'confirmation',
    ])
    expect(requests.some(({ from, body }) => from === 'the bank' && body.length > 0)).toBe(true)
  })

  it('keeps usernames encrypted', () => {
    expect(found([canary('username', username)])).toEqual([])
  })
})
