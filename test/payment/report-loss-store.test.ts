import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recoveryCodeText } from '../../shared/recovery-code.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, unreachable } from './payment-world.ts'

const otherCode = recoveryCodeText(new Uint8Array(16).fill(7))
const refused = { ok: false, problem: { code: 'recovery-refused', status: 403 } }

describe.each(['sqlite', 'postgres'] as const)('a lost phone, on %s', (engine) => {
  let world: PaymentWorld
  let ada: SoftwarePayer
  /** Somebody else's browser, in which nobody is signed in. */
  let anywhere: SoftwarePayer
  let code: string
  beforeEach(async () => {
    world = await openPaymentWorld({ engine })
    ada = await world.payer('ada')
    anywhere = world.newcomer('ada')
    code = taken(await ada.makesRecoveryCode()).code
  })
  afterEach(() => world.close())

  it('is reported by name and code alone: its cards pay nothing any more, and it is signed out', async () => {
    taken(await ada.addsCard(cardThat.paysToo))
    expect(await anywhere.reportsLoss(code)).toEqual({ ok: true, value: {} })
    await expect(ada.cards()).rejects.toThrow('session-missing')
    expect(await ada.pays(await world.shop.asks(eur(1_00)))).toMatchObject({ ok: false })
    taken(await ada.signsIn())
    expect((await ada.cards()).map(({ isFrozen, isToldToBank }) => [isFrozen, isToldToBank])).toEqual([
      [true, true],
      [true, true],
    ])
  })

  it('is reported also while the bank is out of reach, which is told later', async () => {
    world.withBank(unreachable)
    taken(await anywhere.reportsLoss(code))
    taken(await ada.signsIn())
    expect(await ada.cards()).toMatchObject([{ isFrozen: true, isToldToBank: false }])
    world.withBank((ask, request) => ask(request))
    world.clock.advance(60_000)
    await world.tick()
    expect(await ada.cards()).toMatchObject([{ isFrozen: true, isToldToBank: true }])
  })

  it('that was found again pays again, by its passkey and not by the code', async () => {
    taken(await anywhere.reportsLoss(code))
    taken(await ada.signsIn())
    const [card] = await ada.cards()
    if (card === undefined) throw new Error('a card is kept')
    taken(await ada.unfreezes(card.id))
    expect(taken(await ada.pays(await world.shop.asks(eur(1_00)))).state).toBe('captured')
  })

  it('is not reported by a wrong code, a code of somebody else, or no code, and all of these look alike', async () => {
    const bob = await world.payer('bob')
    const bobs = taken(await bob.makesRecoveryCode()).code
    const carol = await world.payer('carol')
    for (const [name, typed] of [
      ['ada', otherCode],
      ['ada', bobs],
      ['ada', 'nonsense'],
      ['carol', otherCode],
      ['nobody', otherCode],
      ['no name at all', otherCode],
    ] as const) {
      expect(await anywhere.reportsLoss(typed, name)).toMatchObject(refused)
    }
    for (const payer of [ada, bob, carol]) expect(await payer.cards()).toMatchObject([{ isFrozen: false }])
  })

  it('is reported by the code that was made last', async () => {
    const later = taken(await ada.makesRecoveryCode()).code
    expect(await anywhere.reportsLoss(code)).toMatchObject(refused)
    expect(await anywhere.reportsLoss(later)).toMatchObject({ ok: true })
  })

  it('can be reported again', async () => {
    taken(await anywhere.reportsLoss(code))
    taken(await ada.signsIn())
    taken(await anywhere.reportsLoss(code))
    await expect(ada.cards()).rejects.toThrow('session-missing')
  })

  it('has a code that only a passkey makes, and of which nothing but the time is told again', async () => {
    expect(await ada.codeMadeAtMs()).toBe(world.clock.nowMs())
    const bob = await world.payer('bob')
    expect(await bob.codeMadeAtMs()).toBeNull()
    expect(await bob.makesRecoveryCode({ origin: 'https://evil.example' })).toMatchObject({
      problem: { code: 'passkey-refused' },
    })
    expect(await anywhere.makesRecoveryCode()).toMatchObject({ problem: { code: 'session-missing' } })
    expect(await world.textsThatBeginWith(code.slice(0, 9))).toBe(0)
  })

  it('has no code any more once the account is closed', async () => {
    taken(await ada.closesAccount())
    expect(await anywhere.reportsLoss(code)).toMatchObject(refused)
    expect(await world.rowsOf(['recovery_code'])).toEqual([0])
  })
})

it('a code cannot be guessed as fast as one likes', async () => {
  const world = await openPaymentWorld({ config: { limits: { burst: 60, perMinute: 60 } } })
  const ada = await world.payer('ada')
  const { code } = taken(await ada.makesRecoveryCode())
  const stranger = world.newcomer('ada')
  const answers = []
  for (let guess = 0; guess < 12; guess += 1) answers.push(await stranger.reportsLoss(otherCode))
  expect(answers.at(-1)).toMatchObject({ problem: { code: 'too-many-requests' } })
  expect(await stranger.reportsLoss(code)).toMatchObject({ problem: { code: 'too-many-requests' } })
  await world.close()
})
