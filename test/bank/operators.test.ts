/** A bank that is no simulator shows its books to those who run it, and misbehaves for nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { misbehaviourNames } from '../../server/bank/misbehave.ts'
import { testCards } from '../../server/bank/test-cards.ts'
import { cardRecordSchema } from '../../shared/wire/bank-api.ts'
import { bankPayer } from './bank-payer.ts'
import { type BankWorld, engines, openBankWorld, operatorToken } from './bank-world.ts'

let world: BankWorld

/** Nothing can be added to this bank, so all that it decides is no. */
const recordOfNobody = cardRecordSchema.parse('e30.e30.e30.e30.e30')

describe.each(engines)('a bank that is no simulator, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine, false)
    await world.asks.authorize(await (await bankPayer(world)).authorization(recordOfNobody))
  })
  afterAll(() => world.close())

  const consoleAs = (authorization?: string) =>
    world.http('/', authorization === undefined ? {} : { headers: { authorization } })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

  it.each([
    ['by a browser, as the password of whatever name', basic(`ada:${operatorToken}`)],
    ['by a browser, without a name', basic(`:${operatorToken}`)],
    ['by a program', `Bearer ${operatorToken}`],
    ['in small letters', `bearer ${operatorToken}`],
  ])('shows its console to whoever shows the token: %s', async (_how, authorization) => {
    const response = await consoleAs(authorization)
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await response.text()).toContain('Bluebird Coffee')
  })

  it.each([
    ['nothing', undefined],
    ['another password', basic(`operator:${operatorToken}x`)],
    ['the token as the name', basic(`${operatorToken}:`)],
    ['the token without a name and a colon', basic(operatorToken)],
    ['a part of the token', `Bearer ${operatorToken.slice(0, -1)}`],
    ['another scheme', `Digest ${operatorToken}`],
    ['no scheme', operatorToken],
    ['no token', 'Bearer '],
    ['what is no base64', 'Basic %%%'],
  ])('shows it to nobody else, and says how: %s', async (_what, authorization) => {
    const response = await consoleAs(authorization)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="console", charset="UTF-8"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).not.toContain('Bluebird Coffee')
  })

  it('shows it to nobody at all, where it has no token', async () => {
    const other = await openBankWorld(engine, false, null)
    for (const authorization of ['Bearer null', 'Bearer undefined', basic(':'), basic(':null'), 'Bearer ""']) {
      expect((await other.http('/', { headers: { authorization } })).status).toBe(401)
    }
    await other.close()
  })

  it('has neither switches nor test cards on its console', async () => {
    const page = await (await consoleAs(`Bearer ${operatorToken}`)).text()
    for (const { does } of testCards) expect(page).not.toContain(does)
    for (const name of misbehaviourNames) expect(page).not.toContain(`value="${name}"`)
    for (const word of ['isbehav', 'imulator', '/simulator']) expect(page).not.toContain(word)
  })

  it('has none of the simulator’s doors, also for its operator', async () => {
    const post = { method: 'POST', body: '{"what":"ignore"}' }
    for (const [path, init] of [
      ['/simulator/cards', post],
      ['/simulator/misbehaviours', post],
      ['/simulator/misbehaviours', {}],
      ['/simulator/misbehaviours', { method: 'DELETE' }],
      ['/simulator/switches', { method: 'POST', body: 'what=ignore&operation=&times=1' }],
      ['/simulator/check', {}],
      ['/simulator/postings', {}],
    ] as const) {
      const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' }
      expect([path, (await world.http(path, { ...init, headers })).status]).toEqual([path, 404])
    }
  })

  it('lets everybody read what is for everybody', async () => {
    for (const path of ['/console.css', '/console.js', '/bank.svg', '/.well-known/bank-keys']) {
      expect([path, (await world.http(path)).status]).toEqual([path, 200])
    }
    const page = await (await world.http(`/confirmations/${'A'.repeat(43)}`)).text()
    expect(page).toContain('This link leads nowhere')
  })
})
