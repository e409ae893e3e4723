import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { MerchantDesk } from '../../../server/payment/room.ts'
import type { PaymentTables } from '../../../server/payment/schema.ts'
import { openExistingDatabase } from '../../../server/runtime/database.ts'
import {
  consoleKeysSchema,
  consoleNewKeyAnswer,
  consoleSignInIntentAnswer,
  quarterHourMs,
} from '../../../shared/wire/console-api.ts'
import { payerSchema, signInIntentAnswer } from '../../../shared/wire/payment-api.ts'
import type { SoftwarePerson } from '../../support/console.ts'
import { taken } from '../../support/http.ts'
import { eur } from '../../support/merchant.ts'
import { books, coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment-world.ts'
import { consoleMembers, type Members } from './console-members.ts'

const refused = (code: string) => ({ ok: false, problem: { code } })
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

describe.each(['sqlite', 'postgres'] as const)('the console of a merchant, on %s', (engine) => {
  let world: PaymentWorld
  let desk: MerchantDesk
  let ids: Members['ids']
  let person: Members['person']
  let invites: Members['invites']
  let member: Members['member']

  beforeAll(async () => {
    world = await openPaymentWorld({ engine })
    desk = await world.merchantDesk()
    ;({ ids, person, invites, member } = await consoleMembers(world, desk))
  })
  // No story uses up another's requests.
  beforeEach(() => world.clock.advance(minuteMs))
  afterAll(async () => {
    await desk.close()
    await world.close()
  })

  describe('an invitation', () => {
    let secret: string
    beforeEach(async () => {
      secret = await invites()
    })

    it('says whose it is and what one will be there, and opens the console by a passkey made of it', async () => {
      const somebody = person()
      expect(taken(await somebody.looksAtInvitation(secret))).toMatchObject({ merchant: coffee.name, role: 'owner' })
      expect(taken(await somebody.joins(secret))).toEqual({
        merchant: { id: ids.coffee, name: coffee.name },
        role: 'owner',
        modes: ['live'],
      })
      taken(await somebody.session())
    })

    it('works once', async () => {
      taken(await person().joins(secret))
      expect(await person().joins(secret)).toMatchObject(refused('invitation-over'))
    })

    it('lets one of two in who come at once', async () => {
      const answers = await Promise.all([person().joins(secret), person().joins(secret)])
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    })

    it('is over after a day, and no guess is one', async () => {
      world.clock.advance(dayMs)
      expect(await person().joins(secret)).toMatchObject(refused('invitation-over'))
      expect(await person().joins('AAAAAAAAAAAAAAAAAAAAAA')).toMatchObject(refused('invitation-over'))
    })

    it('is kept nowhere', async () => {
      expect(await world.textsThatBeginWith(secret)).toBe(0)
    })
  })

  describe('a session', () => {
    it('is opened by the passkey, and ends when one signs out', async () => {
      const somebody = await member()
      taken(await somebody.signsOut())
      expect(await somebody.session()).toMatchObject(refused('session-missing'))
      taken(await somebody.signsIn())
      taken(await somebody.session())
    })

    it('ends after 15 idle minutes, and after 12 hours of use', async () => {
      const somebody = await member()
      world.clock.advance(15 * minuteMs)
      expect(await somebody.session()).toMatchObject(refused('session-missing'))

      taken(await somebody.signsIn())
      for (let passed = 0; passed < 12 * 60 - 14; passed += 14) {
        world.clock.advance(14 * minuteMs)
        taken(await somebody.session())
      }
      world.clock.advance(14 * minuteMs)
      expect(await somebody.session()).toMatchObject(refused('session-missing'))
    })

    it('ends with the person, whose passkey opens nothing from then on', async () => {
      const somebody = await member()
      const people = await desk.people.list((await desk.merchants.get(ids.coffee)).id)
      expect(await desk.people.remove(people.at(-1)?.id ?? '')).not.toBeNull()
      expect(await somebody.session()).toMatchObject(refused('session-missing'))
      expect(await somebody.signsIn()).toMatchObject(refused('passkey-refused'))
    })

    it.each([
      ['without the finger', { userVerified: false }],
      ['on a page of another origin', { origin: 'https://evil.example' }],
      ['with a bogus signature', { bogusSignature: true }],
      ['for another relying party', { rpId: 'evil.example' }],
      ['in a frame', { crossOrigin: true }],
      ['in a payment’s dialog', { type: 'payment.get' }],
      ['without saying whose it is', { userHandle: null }],
    ])('is not opened %s', async (_how, deviation) => {
      const somebody = await member()
      expect(await somebody.signsIn(deviation)).toMatchObject(refused('passkey-refused'))
    })

    it('is not opened twice by one signature', async () => {
      const somebody = await member()
      const asked = await somebody.tab.post('/api/console/sessions/intent', consoleSignInIntentAnswer, {})
      const { intent } = taken(asked)
      const signed = { intent, response: await somebody.sign(intent) }
      taken(await somebody.tab.post('/api/console/sessions', z.unknown(), signed))
      const again = await somebody.tab.post('/api/console/sessions', z.unknown(), signed)
      expect(again).toMatchObject(refused('intent-consumed'))
    })

    it('writes nothing for a page of another origin', async () => {
      const headers = { 'content-type': 'application/json', origin: 'https://evil.example' }
      const ask = new Request(`${walletOrigin}/api/console/sessions/intent`, { method: 'POST', headers, body: '{}' })
      expect((await world.http(ask)).status).toBe(403)
    })
  })

  it('is closed to payers, and makes nobody a payer', async () => {
    const ada = await world.payer(`ada-${engine}`)
    const payersTab = { ...person(ada.device), tab: ada.tab }
    expect(await payersTab.tab.get('/api/console/session', z.unknown())).toMatchObject(refused('session-missing'))
    expect(await person(ada.device).signsIn()).toMatchObject(refused('passkey-refused'))

    const somebody = await member()
    expect(await somebody.tab.get('/api/session', payerSchema)).toMatchObject(refused('session-missing'))
    const asked = await somebody.tab.post('/api/sessions/intent', signInIntentAnswer, {})
    const { intent } = taken(asked)
    const signed = { intent, response: await somebody.sign(intent) }
    expect(await somebody.tab.post('/api/sessions', payerSchema, signed)).toMatchObject(refused('passkey-unknown'))
    // Nor does what was signed for one door open the other.
    expect(await somebody.tab.post('/api/console/sessions', z.unknown(), signed)).toMatchObject(
      refused('body-malformed'),
    )
  })

  describe('the payments in it', () => {
    it('are the merchant’s own, and found by part of a reference or by id', async () => {
      const somebody = await member()
      const [tea, hundred] = [
        await world.shop.asks(eur(2_40), { reference: 'TEA-7_1' }),
        await world.shop.asks(eur(1_00), { reference: '100% juice' }),
      ]
      const foreign = await world.otherShop.asks(eur(9_00), { reference: 'TEA-of-others' })
      const found = async (query: string) => taken(await somebody.lists(query)).payments.map(({ id }) => id)
      expect(await found('mode=live&search=tea-7_')).toEqual([tea])
      expect(await found(`mode=live&search=${tea}`)).toEqual([tea])
      expect(await found('mode=live&search=100%25')).toEqual([hundred])
      expect(await found('mode=live&search=%25')).toEqual([hundred])
      expect(await found('mode=live')).not.toContain(foreign)
      expect(await found('mode=test')).toEqual([])
      expect(await somebody.sees(foreign)).toMatchObject(refused('payment-unknown'))
      expect(await somebody.lists('mode=live&colour=red')).toMatchObject(refused('query-malformed'))
      expect(await somebody.lists('')).toMatchObject(refused('query-malformed'))
      expect(await somebody.lists('mode=live&search=%00')).toMatchObject(refused('query-malformed'))
    })

    it('are saved as a table, in which nothing is a formula', async () => {
      const somebody = await member(books.origin)
      for (const reference of ['=HYPERLINK("x")', '+1', 'plain, with a comma']) {
        await world.otherShop.asks(eur(12_05), { reference, description: 'CSV' })
      }
      const answer = await somebody.tab.downloads('/api/console/payments.csv?mode=live&search=a')
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
      const rows = (await answer.text()).trimEnd().split('\r\n')
      expect(rows[0]).toBe('payment,mode,created,reference,description,state,currency,amount,captured,refunded')
      expect(rows).toContainEqual(expect.stringContaining(',"plain, with a comma",CSV,created,EUR,12.05,0.00,0.00'))
      const all = await (await somebody.tab.downloads('/api/console/payments.csv?mode=live')).text()
      expect(all).toContain(`,"'=HYPERLINK(""x"")",CSV,`)
      expect(all).toContain(`,"'+1",CSV,`)
      const strangers = await person().tab.downloads('/api/console/payments.csv?mode=live')
      expect(strangers.status).toBe(401)
    })

    it('come page by page, and by state', async () => {
      const somebody = await member(books.origin)
      for (const _ of [1, 2, 3]) await world.otherShop.asks(eur(1_00), { reference: 'paged' })
      const first = taken(await somebody.lists('mode=live&search=paged&limit=2'))
      expect(first.payments).toHaveLength(2)
      const rest = taken(await somebody.lists(`mode=live&search=paged&limit=2&after=${first.next}`))
      expect(rest).toMatchObject({ payments: [{ reference: 'paged' }], next: null })
      expect(taken(await somebody.lists('mode=live&search=paged&state=captured')).payments).toEqual([])
    })

    it('are told with all that happened to each, in its order', async () => {
      const somebody = await member()
      await world.shop.hasEndpoint('https://coffee.example/webhooks')
      const bill = await world.shop.asks(eur(5_00))
      taken(await (await world.payer(`grace-${engine}`)).pays(bill))
      taken(await world.shop.refunds(bill, 2_00))
      await world.tells()
      const { payment, happenings } = taken(await somebody.sees(bill))
      expect(payment).toMatchObject({ id: bill, state: 'refunded', refundedMinor: 2_00 })
      expect(happenings).toEqual(happenings.toSorted((one, other) => one.atMs - other.atMs))
      const moves = happenings.flatMap((one) => (one.kind === 'move' ? [`${one.state}: ${one.cause}`] : []))
      expect(moves).toEqual([
        'created: merchant-asked',
        'approving: payer-confirmed',
        'authorized: bank-approved',
        'captured: bank-approved',
        'refunded: bank-refunded',
      ])
      expect(happenings).toContainEqual(
        expect.objectContaining({ kind: 'try', isAnswered: true, approvalCode: expect.any(String) }),
      )
      expect(happenings).toContainEqual(
        expect.objectContaining({ kind: 'operation', what: 'refund', state: 'done', reason: 'Cold.' }),
      )
      expect(happenings).toContainEqual(expect.objectContaining({ kind: 'attempt', type: 'payment.created' }))
    })

    it('are captured and given back by who may, once for one key, and by nobody else', async () => {
      const [viewer, staff, foreigner] = [person(), person(), await member(books.origin)]
      taken(await viewer.joins(await invites(coffee.origin, 'viewer')))
      taken(await staff.joins(await invites(coffee.origin, 'staff')))
      const bill = await world.shop.asks(eur(5_00), { capture: 'manual' })
      taken(await (await world.payer(`lin-${engine}`)).pays(bill))
      const key = '0b8b0b0e-3f57-4b7e-9d0e-5a2f6f1f7a01'
      for (const act of ['capture', 'refund', 'void', 'cancel']) {
        expect(await viewer.acts(bill, act)).toMatchObject(refused('role-missing'))
        expect(await foreigner.acts(bill, act)).toMatchObject(refused('payment-unknown'))
        expect(await person().acts(bill, act)).toMatchObject(refused('session-missing'))
      }
      const captured = await Promise.all([1, 2].map(() => staff.acts(bill, 'capture', { amountMinor: 2_00 }, key)))
      expect(captured.filter(({ ok }) => ok).length).toBeGreaterThan(0)
      expect(await staff.acts(bill, 'capture', { amountMinor: 2_00 }, key)).toMatchObject({
        value: { capturedMinor: 2_00 },
      })
      expect(await staff.acts(bill, 'capture', { amountMinor: 9_00 }, key)).toMatchObject(
        refused('idempotency-key-reused'),
      )
      expect(await staff.acts(bill, 'capture', { amountMinor: 9_00 })).toMatchObject(refused('capture-exceeds'))
      expect(await staff.acts(bill, 'refund', { amountMinor: 50, reason: 'Cold.' })).toMatchObject({
        value: { refundedMinor: 50 },
      })
      taken(await staff.acts(bill, 'void'))
      expect(await world.bookedFor(bill)).toBe(1_50)
      const open = await world.shop.asks(eur(1_00))
      expect(await staff.acts(open, 'cancel')).toMatchObject({ value: { state: 'canceled' } })
    })

    it('add up by day: what was captured and not given back, of this merchant alone, and of one mode', async () => {
      const somebody = await member(books.origin)
      const midnightMs = Math.ceil(world.clock.nowMs() / quarterHourMs + 1) * quarterHourMs
      const starts = [0, dayMs, 2 * dayMs].map((ms) => midnightMs + ms)
      const payer = await world.payer(`vera-${engine}`)
      const buys = async (shop: typeof world.shop, minor: number) => {
        const bill = await shop.asks(eur(minor))
        taken(await payer.pays(bill))
        return bill
      }
      world.clock.advance(midnightMs - 1 - world.clock.nowMs())
      await buys(world.otherShop, 1_00)
      world.clock.advance(1)
      await buys(world.otherShop, 2_00)
      await buys(world.otherShop, 3_00)
      await buys(world.shop, 50_00)
      await world.otherShop.asks(eur(99_00))
      world.clock.advance(2 * dayMs)
      taken(await world.otherShop.refunds(await buys(world.otherShop, 4_00), 1_50))
      taken(await somebody.signsIn())
      expect(taken(await somebody.takings(starts))).toEqual({
        takings: [{ currency: 'EUR', payments: 3, days: [5_00, 0, 2_50] }],
      })
      expect(taken(await somebody.takings(starts, 'test'))).toEqual({ takings: [] })
      const [first = 0, second = 0] = starts
      const many = Array.from({ length: 33 }, (_, index) => first + index * dayMs)
      for (const bad of [[], [second, first], [first, first], [first + 1], many]) {
        expect(await somebody.takings(bad)).toMatchObject(refused('query-malformed'))
      }
    })

    it('are told to nobody who is not signed in', async () => {
      const bill = await world.shop.asks(eur(1_00))
      expect(await person().lists()).toMatchObject(refused('session-missing'))
      expect(await person().sees(bill)).toMatchObject(refused('session-missing'))
      expect(await person().takings([1])).toMatchObject(refused('session-missing'))
    })
  })

  describe('the API keys in it', () => {
    it('are made and revoked by owners, each of their own merchant’s', async () => {
      const [owner, foreigner, staff] = [await member(), await member(books.origin), person()]
      taken(await staff.joins(await invites(coffee.origin, 'staff')))
      const asked = { mode: 'live', scope: 'payments', name: 'Till' }
      expect(await staff.tab.get('/api/console/keys', consoleKeysSchema)).toMatchObject(refused('role-missing'))
      expect(await staff.tab.post('/api/console/keys', z.unknown(), asked)).toMatchObject(refused('role-missing'))
      const { id, secret } = taken(await owner.tab.post('/api/console/keys', consoleNewKeyAnswer, asked))
      const shop = world.shopWith(secret)
      taken(await shop.creates(eur(1_00)))
      const { keys } = taken(await owner.tab.get('/api/console/keys', consoleKeysSchema))
      expect(keys).toContainEqual(expect.objectContaining({ id, name: 'Till', last4: secret.slice(-4) }))
      expect(JSON.stringify(keys)).not.toContain(secret)

      const revocation = `/api/console/keys/${id}/revoke`
      expect(await foreigner.tab.post(revocation, z.unknown(), {})).toMatchObject(refused('api-key-unknown'))
      expect(taken(await foreigner.tab.get('/api/console/keys', consoleKeysSchema)).keys).not.toContainEqual(
        expect.objectContaining({ id }),
      )
      taken(await shop.creates(eur(1_00)))
      taken(await owner.tab.post(revocation, z.unknown(), {}))
      expect(await shop.creates(eur(1_00))).toMatchObject(refused('api-key-refused'))
      const testKey = { ...asked, mode: 'test' }
      expect(await owner.tab.post('/api/console/keys', z.unknown(), testKey)).toMatchObject(
        refused('test-mode-missing'),
      )
    })
  })

  describe('the people in it', () => {
    /** The operators' own list has nobody but whom each test brings. */
    beforeEach(async () => {
      const { id } = await desk.merchants.get(ids.books)
      for (const one of await desk.people.list(id)) await desk.people.remove(one.id)
    })
    const idOf = async (who: SoftwarePerson) => taken(await who.people()).people.find(({ isYou }) => isYou)?.id ?? ''

    it('are invited by owners, by a link that works once', async () => {
      const owner = await member(books.origin)
      world.clock.advance(1)
      const { link } = taken(await owner.invites('staff', '店长 José'))
      const [page, secret = ''] = link.split('#')
      expect(page).toBe(`${walletOrigin}/console/join`)
      const somebody = person()
      expect(taken(await owner.people()).people).toMatchObject([
        { role: 'owner', name: null, isYou: true },
        {
          role: 'staff',
          name: '店长 José',
          isYou: false,
          joinedAtMs: null,
          invitedUntilMs: world.clock.nowMs() + dayMs,
        },
      ])
      expect(taken(await somebody.joins(secret))).toMatchObject({ role: 'staff', merchant: { id: ids.books } })
      expect(await person().joins(secret)).toMatchObject(refused('invitation-over'))
      expect(taken(await owner.people()).people).toMatchObject([{}, { joinedAtMs: world.clock.nowMs() }])
    })

    it('are another role’s from their next request on, or gone', async () => {
      const [owner, other] = [await member(books.origin), await member(books.origin)]
      const id = await idOf(other)
      taken(await owner.changes(id, 'role', { role: 'viewer' }))
      expect(taken(await other.session())).toMatchObject({ role: 'viewer' })
      expect(await other.people()).toMatchObject(refused('role-missing'))
      taken(await owner.changes(id, 'remove'))
      expect(await other.session()).toMatchObject(refused('session-missing'))
      expect(await other.signsIn()).toMatchObject(refused('passkey-refused'))
      expect(await owner.changes(id, 'remove')).toMatchObject(refused('person-unknown'))
    })

    it('cannot be called in any more, where an open invitation was removed', async () => {
      const owner = await member(books.origin)
      const { link } = taken(await owner.invites('owner'))
      const { people } = taken(await owner.people())
      taken(await owner.changes(people.find(({ isYou }) => !isYou)?.id ?? '', 'remove'))
      expect(await person().joins(link.split('#')[1] ?? '')).toMatchObject(refused('invitation-over'))
    })

    it.each([
      ['was removed', 'remove', {}],
      ['is no owner any more', 'role', { role: 'staff' }],
    ] as const)('cannot be called in by an invitation of whoever %s', async (_, what, asked) => {
      const [owner, other] = [await member(books.origin), await member(books.origin)]
      const [mine, theirs] = [taken(await owner.invites('viewer')), taken(await other.invites('owner'))]
      taken(await owner.changes(await idOf(other), what, asked))
      for (const { link } of [mine, theirs]) {
        expect(await person().joins(link.split('#')[1] ?? '')).toMatchObject(refused('invitation-over'))
      }
      const left = taken(await owner.people()).people.filter(({ joinedAtMs }) => joinedAtMs === null)
      expect(left).toEqual([])
    })

    it('cannot be called in by an owner whom an operator removes, and the operator hears of what ended', async () => {
      const owner = await member(books.origin)
      const { link } = taken(await owner.invites('owner'))
      expect(await desk.people.remove(await idOf(owner))).toBeGreaterThan(0)
      expect(await person().joins(link.split('#')[1] ?? '')).toMatchObject(refused('invitation-over'))
      await member(books.origin, 'staff')
      const staff = (await desk.people.list(ids.books)).find(({ role, joinedAtMs }) => role === 'staff' && joinedAtMs)
      expect(await desk.people.remove(staff?.id ?? '')).toBe(0)
      expect(await desk.people.remove(staff?.id ?? '')).toBeNull()
    })

    it.runIf(engine === 'postgres')(
      'are removed by an operator after whatever else changes them at that moment',
      async () => {
        const id = await idOf(await member(books.origin))
        const { db, close } = await openExistingDatabase<PaymentTables>(world.databaseUrl(), () => ({}))
        const [isHeld, mayGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        const changing = db.transaction().execute(async (transaction) => {
          await transaction.selectFrom('merchant').select('id').forNoKeyUpdate().execute()
          isHeld.resolve()
          await mayGo.promise
        })
        await isHeld.promise
        const removing = desk.people.remove(id)
        const waiting = sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        await expect.poll(async () => (await waiting.execute(db)).rows, { timeout: 10_000 }).toHaveLength(1)
        mayGo.resolve()
        await changing
        expect(await removing).not.toBeNull()
        await close()
      },
    )

    it('stay invited where another open invitation is removed', async () => {
      const owner = await member(books.origin)
      const { link } = taken(await owner.invites('viewer', 'Stays'))
      taken(await owner.invites('owner', 'Goes'))
      const { people } = taken(await owner.people())
      taken(await owner.changes(people.find(({ name }) => name === 'Goes')?.id ?? '', 'remove'))
      taken(await person().joins(link.split('#')[1] ?? ''))
    })

    it('are forgotten where they were invited and never came', async () => {
      const owner = await member(books.origin)
      taken(await owner.invites('viewer', 'Nobody Comes'))
      expect(await world.textsThatBeginWith('Nobody Comes')).toBe(1)
      world.clock.advance(dayMs)
      await world.sweeps()
      expect(await world.textsThatBeginWith('Nobody Comes')).toBe(0)
    })

    it('always have an owner among them: one who has come', async () => {
      const owner = await member(books.origin)
      const id = await idOf(owner)
      taken(await owner.invites('owner'))
      expect(await owner.changes(id, 'remove')).toMatchObject(refused('owner-last'))
      expect(await owner.changes(id, 'role', { role: 'staff' })).toMatchObject(refused('owner-last'))
      taken(await owner.changes(id, 'role', { role: 'owner' }))

      const other = await member(books.origin)
      const both = await Promise.all([
        owner.changes(await idOf(other), 'remove'),
        other.changes(id, 'role', { role: 'viewer' }),
      ])
      expect(both.filter(({ ok }) => ok)).toHaveLength(1)
      const { id: merchant } = await desk.merchants.get(ids.books)
      const left = (await desk.people.list(merchant)).filter((one) => one.role === 'owner' && one.joinedAtMs !== null)
      expect(left).toHaveLength(1)
    })

    it('are called something that can be read', async () => {
      const owner = await member(books.origin)
      for (const name of ['', '  ', '\u202eecarG', 'Grace\n', 'x'.repeat(41)]) {
        expect(await owner.invites('viewer', name)).toMatchObject(refused('body-malformed'))
      }
    })

    it('are a hundred at most, with those who were invited and may still come', async () => {
      const owner = await member(books.origin)
      const { id } = await desk.merchants.get(ids.books)
      for (let count = 1; count < 100; count += 1) await desk.people.invite(id, 'viewer', null)
      expect(await owner.invites('viewer')).toMatchObject(refused('people-too-many'))
      world.clock.advance(dayMs)
      taken(await owner.signsIn())
      taken(await owner.invites('viewer'))
    })

    it('are nobody else’s business', async () => {
      const [owner, staff, foreigner] = [await member(books.origin), person(), await member()]
      taken(await staff.joins(await invites(books.origin, 'staff')))
      const id = await idOf(owner)
      for (const [who, code] of [
        [staff, 'role-missing'],
        [person(), 'session-missing'],
      ] as const) {
        expect(await who.people()).toMatchObject(refused(code))
        expect(await who.invites('owner')).toMatchObject(refused(code))
        expect(await who.changes(id, 'role', { role: 'owner' })).toMatchObject(refused(code))
        expect(await who.changes(id, 'remove')).toMatchObject(refused(code))
      }
      expect(JSON.stringify(taken(await foreigner.people()))).not.toContain(id)
      expect(await foreigner.changes(id, 'role', { role: 'viewer' })).toMatchObject(refused('person-unknown'))
      expect(await foreigner.changes(id, 'remove')).toMatchObject(refused('person-unknown'))
    })
  })

  describe('the webhooks in it', () => {
    const url = 'https://books.example/console-webhooks'
    const toAdd = { mode: 'live', url }

    it('are added, turned off and on, and given new keys by owners, and seen by everybody of the merchant’s', async () => {
      const [owner, viewer, foreigner] = [await member(books.origin), person(), await member()]
      taken(await viewer.joins(await invites(books.origin, 'viewer')))
      expect(await viewer.addsWebhook(toAdd)).toMatchObject(refused('role-missing'))
      const made = taken(await owner.addsWebhook(toAdd))
      expect(made).toMatchObject({
        secret: expect.stringMatching(/^whsec_/),
        publicKey: expect.stringMatching(/^whpk_/),
      })
      expect(taken(await owner.addsWebhook(toAdd))).toEqual(made)

      const act = (who: SoftwarePerson, what: string, asked: object = {}) =>
        who.tab.post(`/api/console/webhooks/${made.id}/${what}`, z.unknown(), asked)
      const seen = async (who: SoftwarePerson) => taken(await who.webhooks()).webhooks.find(({ id }) => id === made.id)
      expect(await seen(viewer)).toMatchObject({ url, mode: 'live', state: 'enabled' })
      expect(JSON.stringify(await seen(owner))).not.toContain('whsec_')
      expect(await seen(foreigner)).toBeUndefined()
      const once = { idempotencyKey: '0b8b0b0e-3f57-4b7e-9d0e-5a2f6f1f7a02' }
      for (const [what, asked] of [
        ['disable', {}],
        ['enable', {}],
        ['rotate', once],
      ] as const) {
        expect(await act(viewer, what, asked)).toMatchObject(refused('role-missing'))
        expect(await act(foreigner, what, asked)).toMatchObject(refused('webhook-unknown'))
      }
      taken(await act(owner, 'disable'))
      expect(await seen(viewer)).toMatchObject({ state: 'disabled' })
      taken(await act(owner, 'enable'))
      const changed = taken(await act(owner, 'rotate', once))
      expect(changed).not.toEqual(made)
      expect(taken(await act(owner, 'rotate', once))).toEqual(changed)
      expect(await seen(viewer)).toMatchObject({ state: 'enabled', formerKeysUntilMs: world.clock.nowMs() + dayMs })
    })

    it('are refused where nobody may call, and where there are no payments of that mode', async () => {
      const owner = await member(books.origin)
      for (const bad of ['http://books.example/', 'https://10.0.0.1/', 'https://[fd00::1]/', 'nonsense']) {
        expect(await owner.addsWebhook({ ...toAdd, url: bad })).toMatchObject(refused('webhook-url-refused'))
      }
      expect(await owner.addsWebhook({ ...toAdd, mode: 'test' })).toMatchObject(refused('test-mode-missing'))
    })

    it('tell what became of each try, and staff has an event sent again', async () => {
      const [owner, viewer, staff, foreigner] = [await member(books.origin), person(), person(), await member()]
      taken(await viewer.joins(await invites(books.origin, 'viewer')))
      taken(await staff.joins(await invites(books.origin, 'staff')))
      const { id } = taken(await owner.addsWebhook(toAdd))
      const payment = await world.otherShop.asks(eur(3_00))
      await world.tells()
      const tried = async () =>
        taken(await viewer.attemptsAt(id)).attempts.filter((attempt) => attempt.payment === payment)
      expect(await tried()).toMatchObject([{ type: 'payment.created', number: 1, outcome: { status: 204 } }])
      expect(await foreigner.attemptsAt(id)).toMatchObject(refused('webhook-unknown'))

      const [attempt] = await tried()
      const resend = (who: SoftwarePerson, mode = 'live') =>
        who.tab.post(`/api/console/events/${attempt?.event}/resend`, z.unknown(), { mode })
      expect(await resend(viewer)).toMatchObject(refused('role-missing'))
      expect(await resend(foreigner)).toMatchObject(refused('event-unknown'))
      expect(await resend(staff, 'test')).toMatchObject(refused('event-unknown'))
      taken(await resend(staff))
      await world.tells()
      expect(await tried()).toHaveLength(2)
    })
  })
})
