import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { BankAnswer } from '../../shared/wire/bank-api.ts'
import { type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, engines, morning, openBankWorld } from './bank-world.ts'

let world: BankWorld
let ada: BankPayer
let enrolled: Extract<BankAnswer<'enrol'>, { outcome: 'enrolled' }>
let path: string

describe.each(engines)('a card whose holder the bank asks, on %s', (engine) => {
  beforeAll(async () => {
    world = await openBankWorld(engine)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    world.clock.set(morning)
    ada = await bankPayer(world)
    const body = await ada.enrolment({ ...goodCard, number: parseCardNumber('4000002500003155') })
    const answer = await world.asks.enrol(body)
    if (answer.outcome !== 'enrolled' || answer.confirmation === undefined) throw new Error('the bank did not ask')
    expect(await world.asks.enrol(body)).toEqual(answer)
    enrolled = answer
    path = new URL(answer.confirmation.url).pathname
  })

  const pays = async (): Promise<string> => {
    const answer = await world.asks.authorize(await ada.authorization(enrolled.record))
    return answer.outcome === 'declined' ? answer.reason : answer.outcome
  }
  const says = (said: string, headers: Record<string, string> = {}) =>
    world.http(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: `said=${said}`,
    })
  const page = async () => (await world.http(path)).text()

  it('pays nothing until they have said yes, and then pays', async () => {
    expect(await pays()).toBe('not-permitted')
    expect((await says('yes')).status).toBe(303)
    expect(await pays()).toBe('approved')
  })

  it('has a standing that a payment server can ask for', async () => {
    const standing = async () => {
      const answer = await world.asks.standing({ card: ada.card })
      return answer.outcome === 'standing' ? answer.confirmation : answer.reason
    }
    expect(await standing()).toBe('awaited')
    world.clock.advance(30 * 60_000)
    expect(await standing()).toBe('lapsed')
    world.clock.set(morning)
    await says('yes')
    expect(await standing()).toBe('confirmed')
    const other = await world.otherAsks.standing({ card: ada.card })
    expect(other).toMatchObject({ outcome: 'refused', reason: 'invalid-card' })
    const bob = await bankPayer(world)
    await bob.enrols()
    expect(await world.asks.standing({ card: bob.card })).toMatchObject({ confirmation: 'not-asked' })
  })

  it('pays nothing where they said no', async () => {
    await says('no')
    expect(await pays()).toBe('not-permitted')
    expect(await page()).toContain('Nothing was added')
  })

  it('shows them what is being bound to what', async () => {
    const shown = await page()
    expect(shown).toContain('Visa •••• 3155')
    expect(shown).toContain('pay.example')
    expect(shown).not.toContain('4000002500003155')
  })

  it.each([
    ['en-GB,en;q=0.9', 'en', 'Was it you?', 'This link leads nowhere'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh', '是您本人吗？', '此链接无效'],
    ['fr', 'en', 'Was it you?', 'This link leads nowhere'],
  ])('asks them in their language, as %j says', async (acceptLanguage, language, question, ending) => {
    const read = async (at: string) => (await world.http(at, { headers: { 'accept-language': acceptLanguage } })).text()
    const shown = await read(path)
    expect(shown).toContain(`<html lang="${language}">`)
    expect(shown).toContain(question)
    expect(await read('/confirmations/guessed')).toContain(ending)
    expect(await read('/recoveries/guessed')).toContain(ending)
  })

  it('takes one word by one link: the first counts', async () => {
    await says('no')
    await says('yes')
    expect(await pays()).toBe('not-permitted')
  })

  it('is asked for half an hour', async () => {
    world.clock.advance(30 * 60_000)
    expect(await page()).toContain('This link has expired')
    await says('yes')
    expect(await pays()).toBe('not-permitted')
  })

  it('is answered from the bank’s own page as browsers send it: that page sends no referrer, and so no origin', async () => {
    expect((await says('yes', { origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(303)
    expect(await pays()).toBe('approved')
  })

  it('is asked on no page of another site, and by no guessed link', async () => {
    expect((await says('yes', { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(await pays()).toBe('not-permitted')
    expect((await world.http(`/confirmations/${'A'.repeat(43)}`)).status).toBe(404)
  })
})
