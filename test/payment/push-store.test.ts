import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PaymentTables } from '../../server/payment/schema.ts'
import { openExistingDatabase } from '../../server/runtime/database.ts'
import { challengeOf } from '../../shared/intent.ts'
import { recoverNameAnswer, recoverNameIntentAnswer } from '../../shared/wire/payment-api.ts'
import { type PushTarget, pushSchema } from '../../shared/wire/push-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { openPushService, type PushService } from '../support/push-service.ts'
import { cardThat, tellsOutward, walletOrigin } from './payment-world.ts'
import { openPushWorld, type PushWorld } from './push-world.ts'

const problem = (code: string) => ({ ok: false, problem: { code } })

let service: PushService
beforeAll(async () => {
  service = await openPushService()
})
afterAll(() => service.close())

/** Who waits on PostgreSQL until somebody else is done with a row. */
const waitingFor = async (db: Kysely<PaymentTables>): Promise<unknown[]> =>
  (
    await sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    )
  ).rows

describe.each(['sqlite', 'postgres'] as const)('a browser that is told of payments, on %s', (engine) => {
  let story: PushWorld
  beforeEach(async () => {
    story = await openPushWorld(service, engine)
  })
  afterEach(() => story.world.close())

  it('hears of one that was declined, and nothing of what somebody else paid', async () => {
    const { world, ada, subscribes, said } = story
    const bo = await world.payer('bo', cardThat.hasNoMoney)
    const tablet = service.browser()
    taken(await subscribes(tablet, bo))
    const bill = await world.shop.asks(eur(4_20))
    taken(await bo.pays(bill))
    expect(taken(await ada.pays(bill)).state).toBe('captured')
    await world.tells()
    expect(tablet.takes().map(({ message }) => message.notification.body)).toEqual(['Bluebird Coffee · Visa •••• 9995'])
    expect(said()).toEqual(['€4.20 paid'])
  })

  it('hears nothing of what its payer’s own limit refused, and what somebody else tried with the same bill', async () => {
    const { world, ada, subscribes, said } = story
    const bo = await world.payer('bo', cardThat.hasNoMoney)
    const tablet = service.browser()
    taken(await subscribes(tablet, bo))
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('ada has no card')
    const limits = { currency: 'EUR', perPaymentMinor: 1_00, perDayMinor: null, perMonthMinor: null } as const
    taken(await ada.limits(card.id, limits))
    const bill = await world.shop.asks(eur(4_20))
    taken(await bo.pays(bill))
    await world.tells()
    expect(said(tablet)).toEqual(['€4.20 not paid'])
    expect(taken(await ada.pays(bill))).toMatchObject({ state: 'declined' })
    await world.tells()
    expect([said(tablet), said()]).toEqual([[], []])
  })

  it('hears that a passkey was added, and that one was removed', async () => {
    const { world, ada, said, addsPasskey } = story
    const passkey = await addsPasskey(world.newcomer('ada'))
    await world.tells()
    taken(await ada.removesPasskey(passkey))
    await world.tells()
    expect(said()).toEqual(['A passkey was added to your name', 'A passkey was removed from your name'])
  })

  it('hears that a loss was reported, and that the name was got back', async () => {
    const { world, ada, said } = story
    const { code } = taken(await ada.makesRecoveryCode())
    taken(await world.newcomer('ada').reportsLoss(code))
    await world.tells()
    expect(said()).toEqual(['All your cards are frozen'])
    const next = world.newcomer('ada')
    const { secret, standing } = taken(await next.recovers(code))
    await world.tells()
    const [card] = standing.state === 'pending' ? standing.cards : []
    await world.bank.hears(card?.confirmation?.url ?? '', cardThat.pays)
    expect(await next.recovery(secret)).toMatchObject({ state: 'recovered' })
    await world.tells()
    expect(said()).toEqual(['All your cards are frozen', 'Your name was got back by its recovery code'])
  })

  it('hears once that its cards are frozen, however many steps the way back takes', async () => {
    const { world, ada, said } = story
    const { code } = taken(await ada.makesRecoveryCode())
    const next = world.newcomer('ada')
    const claim = { username: 'ada', code }
    const { intent } = taken(await next.tab.post('/api/recovery/name/intent', recoverNameIntentAnswer, claim))
    await world.tells()
    expect(said()).toEqual(['All your cards are frozen'])
    const challenge = await challengeOf(intent)
    const response = await next.device.create({ challenge, user: { id: intent.userHandle, name: 'ada' } })
    taken(await next.tab.post('/api/recovery/name', recoverNameAnswer, { ...claim, intent, response }))
    await world.tells()
    expect(said()).toEqual([])
  })

  it('hears once what several servers find due, and what one did not live to tell', async () => {
    const { world, said, pays } = story
    await pays()
    const others = [await world.open(), await world.open()]
    await Promise.all([world.tells(), ...others.map((room) => tellsOutward(room))])
    expect(said()).toEqual(['€4.20 paid'])
    for (const room of others) await room.close()
    await pays()
    await world.restarts()
    await world.tells()
    expect(said()).toEqual(['€4.20 paid'])
  })

  it('hears from another server once the one that was telling it is taken for dead', async () => {
    const { world, phone, said, pays, passes } = story
    await pays()
    const dying = await world.open()
    const end = Promise.withResolvers<void>()
    const called = service.hangsUntil(end.promise)
    const round = tellsOutward(dying)
    await called
    await passes(59_999)
    expect(said()).toEqual([])
    await passes(1)
    const [heard] = phone.takes()
    expect(heard?.message.notification.title).toBe('€4.20 paid')
    end.resolve()
    await round
    // Where it lives after all, the browser puts the one in the place of the other.
    const [again] = phone.takes()
    expect(again?.message).toEqual(heard?.message)
    await passes(24 * 3_600_000)
    expect(said()).toEqual([])
    await dying.close()
  })

  it.runIf(engine === 'postgres')('may go at the very moment of a payment, which is booked all the same', async () => {
    const { world, ada } = story
    const bill = await world.shop.asks(eur(4_20))
    const { db, close } = await openExistingDatabase<PaymentTables>(world.databaseUrl(), () => ({}))
    const [isGoing, mayGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const going = db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('push_subscription').execute()
      isGoing.resolve()
      await mayGo.promise
    })
    await isGoing.promise
    const paying = ada.pays(bill)
    await expect.poll(() => waitingFor(db), { timeout: 20_000 }).toHaveLength(1)
    mayGo.resolve()
    await going
    expect(taken(await paying).state).toBe('captured')
    await close()
  })

  it.runIf(engine === 'postgres')(
    'may be reached elsewhere at the very moment of a payment, and hears of it there',
    async () => {
      const { world, phone } = story
      const moved = service.browser()
      const { db, close } = await openExistingDatabase<PaymentTables>(world.databaseUrl(), () => ({}))
      const [isTold, mayGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const telling = db.transaction().execute(async (transaction) => {
        const { id } = await transaction
          .selectFrom('push_subscription')
          .select('id')
          .forKeyShare()
          .executeTakeFirstOrThrow()
        const at = { number: 1, at_ms: 1, attempts: 0, next_attempt_at_ms: 1 }
        const notice = { subscription_id: id, subject: 'name', kind: 'passkey-added', ...at } as const
        await transaction.insertInto('push_notice').values(notice).execute()
        isTold.resolve()
        await mayGo.promise
      })
      await isTold.promise
      const body = JSON.stringify({ from: phone.target, to: moved.target })
      const headers = { origin: walletOrigin, 'content-type': 'application/json' }
      const renewing = world.http(new Request(`${walletOrigin}/api/push/renewal`, { method: 'POST', headers, body }))
      await expect.poll(() => waitingFor(db), { timeout: 20_000 }).toHaveLength(1)
      mayGo.resolve()
      await telling
      expect((await renewing).status).toBe(200)
      expect(await world.rowsOf(['push_notice'])).toEqual([1])
      await close()
    },
  )

  it.each([404, 410])('is forgotten once its push service answers %i', async (status) => {
    const { world, standing, pays } = story
    service.answersNext(status)
    await pays()
    await world.tells()
    expect((await standing()).subscriptions).toEqual([])
    expect(await world.rowsOf(['push_notice'])).toEqual([0])
  })

  it('is told no more where it wants so, where its payer leaves, and where the passkey that was used there is removed', async () => {
    const { world, ada, phone, subscribes, standing, pays, addsPasskey } = story
    const own = (await standing()).subscriptions[0]?.id
    expect(taken(await ada.tab.delete(`/api/push/${own}`, pushSchema)).subscriptions).toEqual([])
    taken(await ada.tab.delete(`/api/push/${own}`, pushSchema))

    const tablet = world.newcomer('ada')
    const passkey = await addsPasskey(tablet)
    taken(await tablet.signsIn())
    taken(await subscribes(service.browser(), tablet))
    taken(await ada.removesPasskey(passkey))
    expect((await standing()).subscriptions).toEqual([])

    taken(await subscribes(phone))
    await pays()
    taken(await ada.closesAccount())
    expect(await world.rowsOf(['push_subscription', 'push_notice'])).toEqual([0, 0])
  })

  it('is somebody else’s once they use it, and counts once', async () => {
    const { world, ada, phone, subscribes, standing } = story
    const bo = await world.payer('bo')
    taken(await subscribes(phone, bo))
    taken(await subscribes(phone, bo))
    expect((await standing()).subscriptions).toEqual([])
    expect((await standing(bo)).subscriptions).toHaveLength(1)
    const own = (await standing(bo)).subscriptions[0]?.id
    taken(await ada.tab.delete(`/api/push/${own}`, pushSchema))
    expect((await standing(bo)).subscriptions).toHaveLength(1)
  })

  it('is one of ten at most: the oldest is forgotten', async () => {
    const { world, subscribes, standing } = story
    const first = (await standing()).subscriptions[0]?.id
    for (let count = 0; count < 10; count += 1) {
      world.clock.advance(1000)
      taken(await subscribes(service.browser()))
    }
    const ids = (await standing()).subscriptions.map(({ id }) => id)
    expect(ids).toHaveLength(10)
    expect(ids).not.toContain(first)
  })

  it('may move to another endpoint by what it alone knows, and hears there what it has not heard yet', async () => {
    const { world, ada, phone, said, pays } = story
    await pays()
    const moved = service.browser()
    const renews = (from: PushTarget) =>
      ada.tab.post('/api/push/renewal', z.strictObject({}), { from, to: moved.target })
    const guessed = { ...phone.target, keys: { ...phone.target.keys, auth: service.browser().target.keys.auth } }
    expect(await renews(guessed)).toMatchObject(problem('push-unknown'))
    expect(await renews(service.browser().target)).toMatchObject(problem('push-unknown'))
    taken(await renews(phone.target))
    await world.tells()
    expect([said(), said(moved)]).toEqual([[], ['€4.20 paid']])
  })

  it('is reached by its new keys where it got some at the same place', async () => {
    const { world, ada, phone, said, pays } = story
    const other = service.browser()
    const to = { endpoint: phone.target.endpoint, keys: other.target.keys }
    taken(await ada.tab.post('/api/push/renewal', z.strictObject({}), { from: phone.target, to }))
    expect(await ada.tab.post('/api/push/renewal', z.strictObject({}), { from: phone.target, to })).toMatchObject(
      problem('push-unknown'),
    )
    taken(await ada.tab.post('/api/push/renewal', z.strictObject({}), { from: to, to: phone.target }))
    await pays()
    await world.tells()
    expect(said()).toEqual(['€4.20 paid'])
  })

  it('stands in what its payer takes along, without what it is reached by', async () => {
    const { world, ada } = story
    const { notifications } = taken(await ada.export())
    const since = new Date(world.clock.nowMs()).toISOString()
    expect(notifications).toEqual([{ pushService: new URL(service.origin).host, language: 'en-IE', since }])
    expect(await world.textsThatBeginWith(service.origin)).toBe(0)
  })
})
