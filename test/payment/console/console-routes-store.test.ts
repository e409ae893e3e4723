import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { MerchantDesk } from '../../../server/payment/room.ts'
import {
  type ConsoleRole,
  type ConsoleRoute,
  consoleNewKeyAnswer,
  consoleRoles,
  consoleRoutes,
} from '../../../shared/wire/console-api.ts'
import type { SoftwarePerson } from '../../support/console.ts'
import { type Answer, taken } from '../../support/http.ts'
import { eur } from '../../support/merchant.ts'
import { books, coffee, openPaymentWorld, type PaymentWorld } from '../payment-world.ts'
import { consoleMembers, type Members } from './console-members.ts'

const routes = Object.keys(consoleRoutes) as ConsoleRoute[]
const once = () => ({ idempotencyKey: randomUUID() })
const key = { mode: 'live', scope: 'read', name: 'Foreign' }
/** What each route that changes something is asked, so that nothing but whose it is stands in the way. */
const asked: Readonly<Record<Extract<ConsoleRoute, `POST ${string}`>, () => object>> = {
  'POST /test-orders': once,
  'POST /payments/:id/cancel': once,
  'POST /payments/:id/capture': once,
  'POST /payments/:id/refund': once,
  'POST /payments/:id/void': once,
  'POST /events/:id/resend': () => ({ mode: 'live' }),
  'POST /webhooks': () => ({ mode: 'live', url: `https://books.example/${randomUUID()}` }),
  'POST /webhooks/:id/enable': () => ({}),
  'POST /webhooks/:id/disable': () => ({}),
  'POST /webhooks/:id/rotate': once,
  'POST /keys': () => key,
  'POST /keys/:id/revoke': () => ({}),
  'POST /people': () => ({ role: 'viewer', name: 'Foreign' }),
  'POST /people/:id/role': () => ({ role: 'viewer' }),
  'POST /people/:id/remove': () => ({}),
}
const isPost = (route: ConsoleRoute): route is keyof typeof asked => route in asked
const isUnknown = /^(payment|webhook|event|api-key|person)-unknown$/
const queries: Partial<Record<ConsoleRoute, string>> = {
  'GET /payments': '?mode=live',
  'GET /payments.csv': '?mode=live',
  'GET /takings': '?mode=live&starts=0',
}

describe.each(['sqlite', 'postgres'] as const)('what a merchant’s people may ask in the console, on %s', (engine) => {
  let world: PaymentWorld
  let desk: MerchantDesk
  let members: Members
  /** The coffee shop's, by what addresses call them. */
  let things: Record<'payments' | 'webhooks' | 'events' | 'keys' | 'people', string>
  let owner: SoftwarePerson

  beforeAll(async () => {
    world = await openPaymentWorld({ engine, config: { takesTestPayments: true } })
    desk = await world.merchantDesk()
    members = await consoleMembers(world, desk)
    owner = await members.member(coffee.origin)
    const { id: webhook } = taken(await owner.addsWebhook({ mode: 'live', url: 'https://coffee.example/heard' }))
    const bill = await world.shop.asks(eur(5_00), { reference: 'OURS', capture: 'manual' })
    taken(await (await world.payer('ada')).pays(bill))
    await world.tells()
    const [attempt] = taken(await owner.attemptsAt(webhook)).attempts
    const made = taken(await owner.tab.post('/api/console/keys', consoleNewKeyAnswer, { ...key, name: 'Ours' }))
    const [you] = taken(await owner.people()).people
    things = { payments: bill, webhooks: webhook, events: attempt?.event ?? '', keys: made.id, people: you?.id ?? '' }
    expect(Object.values(things)).not.toContain('')
  })
  // No route uses up another's requests, and nobody is idle for long.
  beforeEach(() => world.clock.advance(60_000))
  afterAll(async () => {
    await desk.close()
    await world.close()
  })

  /** @returns the answer, and whatever else came with it as text */
  async function asks(
    who: SoftwarePerson,
    route: ConsoleRoute,
    named?: string,
  ): Promise<{ answer: Answer<unknown>; text: string }> {
    const idOf = (_: string, kind: string) => named ?? things[kind as 'keys']
    const path = `/api/console${route.split(' ')[1]}`.replace(/(?<=\/(\w+)\/):id/, idOf)
    if (isPost(route)) {
      const answer = await who.tab.post(path, z.unknown(), asked[route]())
      return { answer, text: JSON.stringify(answer) }
    }
    const response = await who.tab.downloads(path + (queries[route] ?? ''))
    const text = await response.text()
    const problem = response.ok ? null : JSON.parse(text)
    return { answer: problem === null ? { ok: true, value: text } : { ok: false, problem }, text }
  }
  const codeOf = ({ answer }: { answer: Answer<unknown> }) => (answer.ok ? 'done' : answer.problem.code)

  /** All that an owner finds. */
  async function allOf(who: SoftwarePerson): Promise<string> {
    const reading = routes.filter((route) => !isPost(route))
    return JSON.stringify(await Promise.all(reading.map(async (route) => (await asks(who, route)).text)))
  }

  describe('shows nothing of another merchant’s, and leaves it as it is', () => {
    let foreigner: SoftwarePerson
    let before: string
    beforeAll(async () => {
      foreigner = await members.member(books.origin)
      before = await allOf(owner)
    })

    it.each(routes)('%s', async (route) => {
      const seen = await asks(foreigner, route)
      for (const mine of [
        ...Object.values(things),
        members.ids.coffee,
        'OURS',
        'Ours',
        coffee.name,
        'coffee.example',
      ]) {
        expect(seen.text.replaceAll(mine, (found) => (isNamedBy(route, found) ? '' : found))).not.toContain(mine)
      }
      if (route.includes(':id')) expect(codeOf(seen)).toMatch(isUnknown)
      else expect(codeOf(seen)).toBe('done')
      expect(await allOf(owner)).toBe(before)
    })

    it.each(routes.filter((route) => route.includes(':id')))('%s, of what no database can hold', async (route) => {
      expect(codeOf(await asks(owner, route, '%00'))).toMatch(isUnknown)
    })
    /** A problem repeats what was asked for. */
    const isNamedBy = (route: ConsoleRoute, found: string) =>
      route.includes(':id') && found === things[(route.split('/')[1] ?? '') as 'keys']
  })

  describe('is each from its role on', () => {
    let colleagues: Record<ConsoleRole, SoftwarePerson>
    beforeAll(async () => {
      const colleague = (role: ConsoleRole) => members.member(coffee.origin, role)
      colleagues = {
        viewer: await colleague('viewer'),
        staff: await colleague('staff'),
        owner: await colleague('owner'),
      }
    })

    it.each(routes)('%s', async (route) => {
      const needed = consoleRoles.indexOf(consoleRoutes[route])
      expect(codeOf(await asks(members.person(), route))).toBe('session-missing')
      for (const role of consoleRoles.slice(0, needed)) {
        expect([role, codeOf(await asks(colleagues[role], route))]).toEqual([role, 'role-missing'])
      }
      for (const role of consoleRoles.slice(needed)) {
        const code = codeOf(await asks(colleagues[role], route))
        expect([role, code]).not.toEqual([role, 'role-missing'])
        expect([role, code]).not.toEqual([role, 'route-unknown'])
      }
    })

    it('and there is nothing beyond them', async () => {
      for (const path of ['/nothing', '/keys/', '/people/1']) {
        const asked = await colleagues.owner.tab.get(`/api/console${path}`, z.unknown())
        expect(asked).toMatchObject({ problem: { code: 'route-unknown' } })
      }
    })
  })
})
