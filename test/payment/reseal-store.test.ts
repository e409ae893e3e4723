/** What is kept is sealed and closed by newer keys, while the server runs. */

import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { atRest } from '../../server/payment/at-rest.ts'
import { closedColumns, sealedColumns } from '../../server/payment/reseal.ts'
import { makeSecret, type Secret } from '../../server/runtime/keys.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import { passkeysSchema } from '../../shared/wire/payment-api.ts'
import { pushSchema } from '../../shared/wire/push-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { reachableAt } from '../support/push-service.ts'
import {
  cardThat,
  coffee,
  type Line,
  openPaymentWorld,
  type PaymentWorld,
  undisturbed,
  unreachable,
} from './payment-world.ts'
import { openStoreWorld } from './store-world.ts'

describe.each(['sqlite', 'postgres'] as const)('keys that rotate, on %s', { timeout: 20_000 }, (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  let bob: SoftwarePayer
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
    taken(await ada.addsCard(cardThat.paysToo))
    bob = await world.payer('bob')
  })
  afterEach(() => world.close())

  const resealsAsked = () => world.asked.filter((path) => path === '/reseals').length

  /** New keys beside the old ones, which both sides now close by. */
  async function getNewKeys() {
    const older = world.keys()
    const newer = { records: [makeSecret()], atRest: [makeSecret()] }
    await world.restartsWith({
      records: [...newer.records, ...older.records],
      atRest: [...newer.atRest, ...older.atRest],
    })
    return { newer, older }
  }

  async function everyCardPays(): Promise<string[]> {
    const outcomes: string[] = []
    for (const payer of [ada, bob]) {
      taken(await payer.signsIn())
      for (const { id } of await payer.cards()) {
        const bill = await world.shop.asks(eur(1_00))
        outcomes.push(outcomeOf(await payer.confirms(bill, await payer.signs(bill, { card: id }))))
      }
    }
    return outcomes
  }
  const allPaid = ['captured', 'captured', 'captured']

  /** How many texts of either database begin like one that was closed by this key. */
  const closedBy = (keyId: string): Promise<number> => world.textsThatBeginWith(`${keyId}.`)

  it('leave nothing that the older ones are needed for: every card pays after they were deleted', async () => {
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has a card')
    taken(await ada.withCard(card.id, 'nickname', { nickname: 'Groceries' }))
    const tablet = world.newcomer('ada').device
    const { passkeys } = taken(await ada.addsPasskey(tablet))
    const named = { nickname: 'Tablet' }
    taken(await ada.tab.post(`/api/passkeys/${passkeys.at(-1)?.thumbprint}/nickname`, passkeysSchema, named))
    const { secret } = taken(await ada.invites())
    taken(await world.newcomer('ada').joins(secret))
    const limits = { currency: 'EUR', perPaymentMinor: 90_00, perDayMinor: null, perMonthMinor: null } as const
    taken(await ada.limits(card.id, limits))
    const endpoint = await world.shop.hasEndpoint(`${coffee.origin}/webhooks`)
    const { target } = reachableAt('https://push.example/1')
    taken(await ada.tab.post('/api/push', pushSchema, { target, locale: 'en' }))
    const bill = await world.shop.asks(eur(1_00))
    taken(await ada.pays(bill))
    // The bank has not heard yet that this one pays again, and that is kept as well.
    taken(await ada.withCard(card.id, 'freeze'))
    world.withBank(unreachable)
    taken(await ada.unfreezes(card.id))
    world.withBank(undisturbed)
    const carol = await world.payer('carol', cardThat.asksItsHolder)
    const { newer, older } = await getNewKeys()
    const [olderAtRest] = older.atRest
    if (olderAtRest === undefined) throw new Error('there was a key before')
    const namesAndRecords = 3 + 4
    const oneOfEachOther = 10
    // What was signed for the limits the bank has heard.
    expect(await closedBy(olderAtRest.id)).toBe(namesAndRecords + oneOfEachOther)

    const { texts, cards } = await world.reseals()
    expect([...texts].map(([what, { closed, unreadable }]) => [what, closed, unreadable])).toEqual([
      ['names', 3, 0],
      ['passkey names', 1, 0],
      ['bindings', 1, 0],
      ['invitations', 1, 0],
      ['authorizations', 1, 0],
      ['webhook keys', 1, 0],
      ['push subscriptions', 1, 0],
      ['nicknames', 1, 0],
      ['confirmations', 1, 0],
      ['limits', 1, 0],
      ['signed changes', 1, 0],
    ])
    expect(cards).toEqual({ resealed: 4, kept: 0, changed: 0, refused: 0, unreadable: 0 })
    expect(await closedBy(olderAtRest.id)).toBe(0)

    await world.restartsWith(newer)
    world.clock.advance(5 * 60_000)
    await world.tick()
    expect(await everyCardPays()).toEqual(allPaid)
    expect(await ada.cards()).toMatchObject([{ nickname: 'Groceries', isFrozen: false, isToldToBank: true }, {}])
    taken(await carol.signsIn())
    expect(await carol.cards()).toMatchObject([{ confirmation: { state: 'awaited' } }])
    expect(await ada.passkeys()).toMatchObject([{ nickname: null }, { nickname: 'Tablet' }])
    expect((await ada.tab.downloads(`/api/payments/${bill}/receipt`)).status).toBe(200)
    expect(await world.shop.hasEndpoint(endpoint.url)).toEqual(endpoint)
  })

  it('would be missed without it', async () => {
    const { newer, older } = await getNewKeys()
    await world.restartsWith({ records: newer.records, atRest: older.atRest })
    expect(await everyCardPays()).toEqual(['declined', 'declined', 'declined'])
    await world.restartsWith({ records: older.records, atRest: newer.atRest })
    await expect(everyCardPays()).rejects.toThrow('internal-error')
  })

  it('rotate while people pay: before, after, and in the middle', async () => {
    await getNewKeys()
    expect(await everyCardPays()).toEqual(allPaid)
    let asked = 0
    world.withBank(async (ask, request) => {
      asked += request.url.endsWith('/reseals') ? 1 : 0
      return asked > 1 ? unreachable(ask, request) : ask(request)
    })
    await expect(world.reseals()).rejects.toMatchObject({ code: 'bank-unreachable' })
    world.withBank(undisturbed)
    expect(await everyCardPays()).toEqual(allPaid)
    await world.reseals()
    expect(await everyCardPays()).toEqual(allPaid)
  })

  it.runIf(engine === 'sqlite')(
    'leave of what was kept before, which was the whole question, what proves it',
    async () => {
      const bill = await world.shop.asks(eur(1_00))
      taken(await ada.pays(bill))
      const row = z.object({ reference: z.string(), body_closed: z.string() })
      const kept = () =>
        row.parse(
          world.database('payment', (db) => db.prepare('select reference, body_closed from authorization').get()),
        )
      const { reference, body_closed: closed } = kept()
      const opened = (by: readonly Secret[], text: string) =>
        JSON.parse(atRest(by, systemRandom).open(['authorization', reference], text))
      const { evidence } = opened(world.atRestKeys, closed)
      const question = {
        reference,
        record: 'the card, as the bank sealed it',
        evidence: { ...evidence, assertion: { ...evidence.assertion, userHandle: 'whose it was' } },
      }
      const before = atRest(world.atRestKeys, systemRandom).close(
        ['authorization', reference],
        JSON.stringify(question),
      )
      world.database('payment', (db) => db.prepare('update authorization set body_closed = ?').run(before))

      const { newer } = await getNewKeys()
      await world.reseals()
      expect(opened(newer.atRest, kept().body_closed)).toEqual({ evidence })
      await world.restartsWith(newer)
      taken(await ada.signsIn())
      expect((await ada.tab.downloads(`/api/payments/${bill}/receipt`)).status).toBe(200)
    },
  )

  it('go on where they were stopped', async () => {
    await getNewKeys()
    const [answered, lost]: [string[], string[]] = [[], []]
    const silentAfterOne: Line = async (ask, request) => {
      const isFirst = answered.length === 0 && request.url.endsWith('/reseals')
      ;(isFirst ? answered : lost).push(request.url)
      return isFirst ? ask(request) : unreachable(ask, request)
    }
    world.withBank(silentAfterOne)
    await expect(world.reseals()).rejects.toMatchObject({ code: 'bank-unreachable' })
    expect(answered).toHaveLength(1)
    world.withBank(undisturbed)
    expect((await world.reseals()).cards).toMatchObject({ resealed: 2, kept: 1 })

    const askedSoFar = resealsAsked()
    expect((await world.reseals()).cards).toMatchObject({ resealed: 0, kept: 3 })
    expect(resealsAsked() - askedSoFar).toBe(1) // which tells that the bank still has the same key
  })

  it('wait for a bank that answers in the end', async () => {
    await getNewKeys()
    let asked = 0
    world.withBank((ask, request) => {
      asked += 1
      return asked <= 2 ? unreachable(ask, request) : ask(request)
    })
    expect((await world.reseals()).cards).toMatchObject({ resealed: 3 })
  })

  it('leave a card alone that somebody has changed meanwhile', async () => {
    const { newer } = await getNewKeys()
    let isFirst = true
    world.withBank(async (ask, request) => {
      const answer = await ask(request)
      if (isFirst) {
        isFirst = false
        await world.reseals() // whoever else does the same is done with all of them in the meantime
      }
      return answer
    })
    expect((await world.reseals()).cards).toMatchObject({ resealed: 0, changed: 3 })
    expect((await world.reseals()).cards).toMatchObject({ kept: 3 })
    await world.restartsWith(newer)
    expect(await everyCardPays()).toEqual(allPaid)
  })

  it('do not bring a card back that was removed meanwhile', async () => {
    await getNewKeys()
    taken(await bob.signsIn())
    const [card] = await bob.cards()
    if (card === undefined) throw new Error('bob has a card')
    let isRemoved = false
    world.withBank(async (ask, request) => {
      const answer = await ask(request)
      if (!isRemoved && request.url.endsWith('/reseals')) {
        isRemoved = true
        world.withBank(undisturbed)
        taken(await bob.removes(card.id))
      }
      return answer
    })
    await world.reseals()
    expect(await bob.cards()).toEqual([])
  })

  it('keep what the bank refuses, closed by our newer key, and say so', async () => {
    const older = world.keys()
    const [forgotten, newer] = [makeSecret(), { records: [makeSecret()], atRest: [makeSecret()] }]
    await world.restartsWith({ records: [forgotten, ...older.records], atRest: older.atRest })
    const carol = await world.payer('carol')
    await world.restartsWith({
      records: [...newer.records, ...older.records],
      atRest: [...newer.atRest, ...older.atRest],
    })
    expect((await world.reseals()).cards).toMatchObject({ resealed: 3, refused: 1 })
    await world.restartsWith({ records: [forgotten, ...newer.records], atRest: newer.atRest })
    expect(await everyCardPays()).toEqual(allPaid)
    expect(outcomeOf(await carol.pays(await world.shop.asks(eur(1_00))))).toBe('captured')
  })

  it('tell how far they are', async () => {
    await getNewKeys()
    const said: string[] = []
    await world.reseals((what, done, of) => said.push(`${what} ${done} of ${of}`))
    expect(said).toEqual(expect.arrayContaining(['names 2 of 2', 'cards 3 of 3']))
  })
})

describe('what is closed at rest', () => {
  it.each(['payment', 'card'] as const)('is closed again wherever it is in the database %s', async (name) => {
    const world = await openStoreWorld('sqlite', name)
    const tables = await (world.database.db as Kysely<unknown>).introspection.getTables()
    await world.close()
    const inDatabase = tables.flatMap(({ name: table, columns }) =>
      columns.flatMap(({ name: column }) => (column.endsWith('_closed') ? [`${table}.${column}`] : [])),
    )
    const sealed = name === 'card' ? sealedColumns.card : {}
    const known = Object.values({ ...closedColumns[name], ...sealed }).map(({ table, column }) => `${table}.${column}`)
    expect(known.toSorted()).toEqual(inDatabase.toSorted())
  })
})
