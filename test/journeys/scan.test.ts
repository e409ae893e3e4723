/** No card number, no printed code and no name is anywhere a payment server keeps, writes or receives things. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withWrongCode } from '../support/bank.ts'
import { canary, sightings } from '../support/canary.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { openWorld, type World } from '../support/world.ts'

const username = 'zephyrine_quill'
const cardholder = 'ZEPHYRINE QUILLFEATHER'
/** Put where anything may be put, to show that the scan would find what it looks for. */
const planted = '4929123456781234'

let world: World
let kept: Map<string, Buffer>
let cards: { number: string; code: string }[]

beforeAll(async () => {
  world = await openWorld()
  const payer = await world.payer(username)
  const good = { ...(await world.bank.issuesCard(eur(100_00))), name: cardholder }
  const wrongCode = withWrongCode({ ...(await world.bank.issuesCard(eur(100_00))), name: cardholder })
  await payer.addsCard(good)
  await payer.addsCard(wrongCode)
  cards = [good, wrongCode]
  const shop = world.merchant('Bluebird Coffee')
  const bill = await shop.asks(eur(12_50), { reference: planted })
  expect(outcomeOf(await payer.pays(bill))).toBe('captured')
  // What a mistaken page or program might send: the server refuses it, and must not remember it either.
  await payer.tab.post('/api/usernames', z.unknown(), { username: good.number })
  kept = await everythingKept()
})
afterAll(() => world.close())

async function everythingKept(): Promise<Map<string, Buffer>> {
  const files = (await readdir(world.directory)).filter((name) => !name.startsWith('bank.'))
  const contents = await Promise.all(
    files.map(async (name) => [name, await readFile(join(world.directory, name))] as const),
  )
  return new Map([...contents, ['log', Buffer.from(world.logged.join(''))]])
}

const canaries = () => [
  ...cards.map(({ number }, index) => canary(`number ${index}`, number)),
  ...cards.map(({ code }, index) => canary(`code ${index}`, `"code":"${code}"`)),
  canary('cardholder', cardholder),
]
const found = (what: ReturnType<typeof canaries>) =>
  [...kept].flatMap(([place, bytes]) => sightings(what, bytes).map((sighting) => `${place}: ${sighting}`))

describe('the payment server', () => {
  it('keeps databases, write-ahead logs and a log, or there would be nothing to scan', () => {
    expect([...kept.keys()].sort()).toEqual(
      expect.arrayContaining(['cards.db', 'cards.db-wal', 'log', 'payment.db', 'payment.db-wal']),
    )
    expect(kept.get('log')?.length).toBeGreaterThan(0)
  })

  it('is scanned by eyes that see: the number planted in an order’s reference is found', () => {
    const control = canary('planted', planted)
    expect(found([control])).not.toEqual([])
    expect(sightings([control], Buffer.concat(world.received))).not.toEqual([])
  })

  it('keeps no card number, printed code or cardholder’s name, in any spelling', () => {
    expect(found(canaries())).toEqual([])
  })

  it('received none either, but the number somebody typed into the name field', () => {
    const [typedAsName, ...others] = world.received.filter((request) => sightings(canaries(), request).length > 0)
    expect(typedAsName?.toString()).toContain('/api/usernames')
    expect(others).toEqual([])
  })

  it('keeps usernames encrypted', () => {
    expect(found([canary('username', username)])).toEqual([])
  })
})
