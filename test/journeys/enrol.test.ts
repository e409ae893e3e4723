import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { usernameAnswer } from '../../shared/wire/payment-api.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { openWorld, type World } from '../support/world.ts'

describe.each(['sqlite', 'postgres'] as const)('enrolling, on %s', (engine) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(engine)
  })
  afterEach(() => world.close())

  const asks = (username: string) => world.stranger('anybody').tab.post('/api/usernames', usernameAnswer, { username })

  it.each(['John_Wang', '王小明', 'أحمد', 'राम', '東京タワー', 'anna王'])(
    'takes %s for a name, and pays by it',
    async (name) => {
      const payer = await world.payer(name)
      const bill = await world.merchant('Bluebird Coffee').asks(eur(4_20))
      expect(outcomeOf(await payer.pays(bill))).toBe('captured')
    },
  )

  it('answers while the payer types', async () => {
    await world.payer('John_Wang')
    expect(await asks('jane')).toEqual({ ok: true, value: { username: 'jane', display: 'jane' } })
    expect(await asks('Jane ')).toEqual({ ok: true, value: { username: 'jane', display: 'Jane' } })
  })

  it.each([
    ['taken, in whatever spelling', 'JOHN_wang', 'username-taken'],
    ['confusable with a taken one', 'j0hn_wang', 'username-confusable'],
    ['a card number', '4111 1111 1111 1111', 'username-reads-as-card'],
    ['a card number in full-width digits', '４１１１１１１１１１１１１１１１', 'username-reads-as-card'],
    ['a card number in Arabic-Indic digits', '٤١١١-١١١١-١١١١-١١١١', 'username-reads-as-card'],
    ['reserved', 'support', 'username-reserved'],
    ['too short', 'a', 'username-too-short'],
    ['turned around by bidi controls', 'ab\u202Ecd', 'username-has-control'],
    ['a mixture of scripts that look alike', 'pаypal', 'username-mixes-scripts'],
  ])('refuses a name that is %s', async (_why, name, code) => {
    await world.payer('John_Wang')
    expect(await asks(name)).toMatchObject({ ok: false, problem: { code } })
    expect(await world.stranger(name).takesName()).toMatchObject({ ok: false, problem: { code } })
  })

  it('gives a name to one of two who want it at once', async () => {
    const answers = await Promise.all([world.stranger('ada').takesName(), world.stranger('Ada').takesName()])
    expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true])
  })

  it('is resumed on the same phone after a failure at any step', async () => {
    const ada = world.stranger('ada')
    await ada.takesName()
    world.faults.push(async () => {
      throw new TypeError('connection refused')
    })
    const card = await world.bank.issuesCard(eur(10_00))
    expect(await ada.addsCard(card)).toMatchObject({ ok: false, problem: { code: 'bank-unreachable' } })
    expect(await ada.signsIn()).toMatchObject({ ok: true, value: { username: 'ada', cards: [] } })
    expect(await ada.addsCard(card)).toMatchObject({ ok: true, value: { cards: [{ isDefault: true }] } })
  })
})
