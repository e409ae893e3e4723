import { setImmediate as nextTurn } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { compactVerify } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MisbehaviourName, misbehaviourNames, whatItDoes } from '../../server/bank/misbehave.ts'
import { importPublicKey } from '../../server/runtime/keys.ts'
import type { CardRecord } from '../../shared/card.ts'
import { bankOperations } from '../../shared/wire/bank-api.ts'
import { type Authorization, type BankPayer, bankPayer } from './bank-payer.ts'
import { type BankWorld, messageOf, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let record: CardRecord
beforeAll(async () => {
  world = await openBankWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  world.clock.set(morning)
  ada = await bankPayer(world)
  record = await ada.enrols()
})
afterEach(() => world.http('/simulator/misbehaviours', { method: 'DELETE' }))

const order = (what: MisbehaviourName, more: object = {}) =>
  world.http('/simulator/misbehaviours', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ what, ...more }),
  })
const isBooked = async ({ payment }: Authorization) => (await world.simulator.journalOf(payment)).length > 0
/** Waits for work that no answer tells the end of. */
const untilBooked = (body: Authorization) => expect.poll(() => isBooked(body)).toBe(true)

describe('told to misbehave, the bank', () => {
  it.each<[MisbehaviourName, boolean]>([
    ['answer-twice', true],
    ['malformed', true],
    ['wrongly-signed', true],
    ['old-key', true],
    ['other-request', true],
    ['error-before', false],
    ['error-after', true],
    ['reset-before', false],
    ['reset-after', true],
  ])('lets nobody believe its answer: %s', async (what, books) => {
    await order(what)
    const body = await ada.authorization(record)
    await expect(world.asks.authorize(body)).rejects.toThrow()
    expect(await isBooked(body)).toBe(books)
    // And once only: now it answers what is true.
    const outcome = books ? 'approved' : 'absent'
    expect(await world.asks.inquire({ reference: body.reference })).toMatchObject({ outcome })
  })

  it('signs by a key that was its own once, and which it tells nobody any more', async () => {
    await order('old-key')
    const text = await (await ask(await ada.authorization(record))).text()
    const [retired] = world.keys.retiredSigning
    if (retired === undefined) throw new Error('a simulator keeps a retired key')
    const { protectedHeader } = await compactVerify(text, await importPublicKey(retired.publicJwk, 'ES256'))
    expect(protectedHeader.kid).toBe(retired.kid)
    expect(await (await world.http('/.well-known/bank-keys')).text()).not.toContain(retired.kid)
  })

  it('answers late', async () => {
    await order('answer-late')
    const body = await ada.authorization(record)
    const answer = world.asks.authorize(body)
    await untilBooked(body)
    let isAnswered = false
    void answer.then(() => {
      isAnswered = true
    })
    // It is booked before the bank begins to wait: time passes until it has waited.
    while (!isAnswered) {
      world.clock.advance(15_000)
      await world.tick()
      await nextTurn()
    }
    expect(await answer).toMatchObject({ outcome: 'approved' })
  })

  it.each<[MisbehaviourName, boolean]>([
    ['answer-never', true],
    ['ignore', false],
  ])('is silent until the caller hangs up: %s', async (what, books) => {
    await order(what)
    const body = await ada.authorization(record)
    const hangUp = new AbortController()
    const silence = ask(body, hangUp.signal)
    if (books) await untilBooked(body)
    hangUp.abort()
    expect((await silence).status).toBe(503) // to nobody
    expect(await isBooked(body)).toBe(books)
  })

  it('books when the caller has hung up, unless a reversal was quicker', async () => {
    await order('book-after-hang-up', { operation: 'authorize', times: 2 })
    const [late, reversed] = [await ada.authorization(record), await ada.authorization(record)]
    const hangUp = new AbortController()
    const answers = [ask(late, hangUp.signal), ask(reversed, hangUp.signal)]
    await world.asks.reverse({ reference: reversed.reference })
    expect(await isBooked(late)).toBe(false)
    hangUp.abort()
    await Promise.all(answers)
    expect([await isBooked(late), await isBooked(reversed)]).toEqual([true, false])
  })

  it('does as told for one operation, so many times, in the order it was told', async () => {
    await order('error-before', { operation: 'inquire', times: 2 })
    const body = await ada.authorization(record)
    expect(await world.asks.authorize(body)).toMatchObject({ outcome: 'approved' })
    const inquire = () => world.asks.inquire({ reference: body.reference })
    await expect(inquire()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(inquire()).rejects.toMatchObject({ code: 'unavailable' })
    expect(await inquire()).toMatchObject({ outcome: 'approved' })
  })

  describe('by the form on its console', () => {
    const switches = (form: string, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) =>
      world.http('/simulator/switches', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: form,
      })
    const orders = async () => (await (await world.http('/simulator/misbehaviours')).json()).orders

    it.each(misbehaviourNames)('has a switch, takes the order and says what will go wrong: %s', async (what) => {
      const before = await (await world.http('/')).text()
      expect(before).toContain(`<option value="${what}">${whatItDoes(what)}</option>`)
      const response = await switches(`what=${what}&operation=authorize&times=3`)
      expect([response.status, response.headers.get('location')]).toEqual([303, '/#misbehaviour'])
      expect(await orders()).toEqual([{ what, operation: 'authorize', times: 3 }])
      const [, warning = ''] = (await (await world.http('/')).text()).split('This bank will misbehave.')
      expect(warning.slice(0, warning.indexOf('Behave again')).replaceAll(/\s+/g, ' ')).toContain(
        `${whatItDoes(what)} <span class="fine">authorize, 3 times</span>`,
      )
    })

    it.each<[MisbehaviourName, boolean]>([
      ['error-before', false],
      ['error-after', true],
      ['wrongly-signed', true],
    ])('does as it was told, whatever it is asked: %s', async (what, books) => {
      await switches(`what=${what}&operation=&times=1`)
      const body = await ada.authorization(record)
      await expect(world.asks.authorize(body)).rejects.toThrow()
      expect(await isBooked(body)).toBe(books)
      expect(await orders()).toEqual([])
    })

    it('behaves again when told so', async () => {
      await switches('what=ignore&operation=&times=1000')
      await switches('what=nothing&operation=&times=1')
      expect(await orders()).toEqual([])
      expect(await world.asks.authorize(await ada.authorization(record))).toMatchObject({ outcome: 'approved' })
    })

    it.each([
      ['what=everything&operation=&times=1', 400],
      ['what=ignore&operation=steal&times=1', 400],
      ['what=ignore&operation=&times=0', 400],
      ['what=ignore&operation=&times=10001', 400],
    ])('takes no nonsense: %s', async (form, status) => {
      expect((await switches(form)).status).toBe(status)
      expect(await orders()).toEqual([])
    })

    it('takes no order from another site’s page', async () => {
      const response = await switches('what=ignore&operation=&times=1', { 'sec-fetch-site': 'cross-site' })
      expect([response.status, await orders()]).toEqual([403, []])
    })
  })
})

async function ask(body: Authorization, signal: AbortSignal | null = null): Promise<Response> {
  const text = await messageOf(world, world.wallet, 'authorize', 'message-id-of-one', body)
  const headers = { 'content-type': 'application/jose' }
  return world.http(bankOperations.authorize.path, { method: 'POST', headers, body: text, signal })
}

it('breaks a real connection', async () => {
  const server = serve({ fetch: (request, arrival) => world.serve(request, arrival), port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await order('reset-after')
  const body = await ada.authorization(record)
  const text = await messageOf(world, world.wallet, 'authorize', 'message-id-of-one', body)
  const init = { method: 'POST', headers: { 'content-type': 'application/jose' }, body: text }
  await expect(fetch(`http://127.0.0.1:${port}/authorizations`, init)).rejects.toThrow(TypeError)
  expect(await isBooked(body)).toBe(true)
  await new Promise((resolve) => server.close(resolve))
})
