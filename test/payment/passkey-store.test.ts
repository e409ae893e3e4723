import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { passkeysMax } from '../../shared/wire/bank-api.ts'
import { passkeysSchema, payerSchema } from '../../shared/wire/payment-api.ts'
import { type SoftwareAuthenticator, softwareAuthenticator } from '../support/authenticator.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { cardThat, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let payers = 0
/** Somebody whom no other test knows. */
const somebody = () => world.payer(`ada-${payers++}`)

const hour = 60 * 60_000
const problem = (code: string) => ({ ok: false, problem: { code } })
const newDevice = (): SoftwareAuthenticator => world.newcomer('somebody').device
/** The same seed gives the same passkey again. It is bound to its device. */
const deviceOfSeed = (seed: string): SoftwareAuthenticator =>
  softwareAuthenticator({ random: seededRandom(seed), origin: walletOrigin, rpId: new URL(walletOrigin).hostname })
/** The same person with another of their devices. */
const withDevice = (payer: SoftwarePayer, device: SoftwareAuthenticator) => world.newcomer(payer.username, device)
/** Another device of the same person, with a passkey that was added there. */
async function addsDevice(payer: SoftwarePayer): Promise<{ thumbprint: string; hand: SoftwarePayer }> {
  const device = newDevice()
  world.clock.advance(1_000)
  const { passkeys } = taken(await payer.addsPasskey(device))
  return { thumbprint: passkeys.at(-1)?.thumbprint ?? '', hand: withDevice(payer, device) }
}
const pays = async (payer: SoftwarePayer, choice: Parameters<SoftwarePayer['signs']>[1] = {}) => {
  const bill = await world.shop.asks(eur(3_80))
  const answer = await payer.confirms(bill, await payer.signs(bill, choice))
  return answer.ok ? (answer.value.decline?.reason ?? answer.value.state) : answer.problem.code
}
const firstOf = async (payer: SoftwarePayer) => (await payer.passkeys())[0]?.thumbprint ?? ''

describe.each(['sqlite', 'postgres'] as const)('the passkeys of a payer, on %s', (engine) => {
  beforeAll(async () => {
    payers = 0
    world = await openPaymentWorld({ engine })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ada = await somebody()
  })

  describe('a list', () => {
    it('says of each passkey when it was made and used, whether it is synced, and which one opened this session', async () => {
      const madeAtMs = world.clock.nowMs()
      world.clock.advance(hour)
      taken(await ada.signsIn())
      const device = deviceOfSeed(`${engine} key`)
      taken(await ada.addsPasskey(device))
      expect(await ada.passkeys()).toEqual([
        expect.objectContaining({
          createdAtMs: madeAtMs,
          lastUsedAtMs: madeAtMs + hour,
          isSynced: true,
          isOfSession: true,
        }),
        expect.objectContaining({
          createdAtMs: madeAtMs + hour,
          lastUsedAtMs: null,
          isSynced: false,
          isOfSession: false,
          nickname: null,
          keeper: null,
          isToldToBank: true,
        }),
      ])
      const other = withDevice(ada, device)
      taken(await other.signsIn())
      expect((await other.passkeys()).map(({ isOfSession }) => isOfSession)).toEqual([false, true])
    })

    it('notes the use of a passkey once an hour', async () => {
      const used = async () => (await ada.passkeys())[0]?.lastUsedAtMs
      const firstAtMs = await used()
      world.clock.advance(hour - 1)
      expect(await pays(ada)).toBe('captured')
      taken(await ada.signsIn())
      expect(await used()).toBe(firstAtMs)
      world.clock.advance(1)
      expect(await pays(ada)).toBe('captured')
      taken(await ada.signsIn())
      expect(await used()).toBe(world.clock.nowMs())
    })

    it('is for somebody who is signed in', async () => {
      expect(await world.newcomer('nobody').tab.get('/api/passkeys', passkeysSchema)).toMatchObject(
        problem('session-missing'),
      )
    })
  })

  describe('a nickname', () => {
    const names = (nickname: string, thumbprint: string, payer = ada) =>
      payer.tab.post(`/api/passkeys/${thumbprint}/nickname`, passkeysSchema, { nickname })

    it('is given, and taken away again', async () => {
      const thumbprint = await firstOf(ada)
      expect(taken(await names('  My phone 手机 ', thumbprint)).passkeys).toMatchObject([{ nickname: 'My phone 手机' }])
      expect(taken(await names(' ', thumbprint)).passkeys).toMatchObject([{ nickname: null }])
    })

    it.each([
      ['4111 1111 1111 1111', 'nickname-reads-as-card'],
      ['\u202eenohp', 'nickname-has-control'],
      ['a'.repeat(33), 'nickname-too-long'],
    ])('is not %j: %s', async (nickname, code) => {
      expect(await names(nickname, await firstOf(ada))).toMatchObject(problem(code))
    })

    it('is given by nobody else', async () => {
      expect(await names('mine', await firstOf(ada), await somebody())).toMatchObject(problem('passkey-unknown'))
      expect(await names('mine', 'no-thumbprint')).toMatchObject(problem('passkey-unknown'))
    })
  })

  describe('one more', () => {
    it('signs in, and pays with every card: with those that were there, and with those that come after, whoever adds them', async () => {
      const { hand: tablet } = await addsDevice(ada)
      taken(await tablet.signsIn())
      expect(await pays(tablet)).toBe('captured')
      const [, fromTablet] = taken(await tablet.addsCard(cardThat.paysToo)).cards
      if (fromTablet === undefined) throw new Error('expected two cards')
      expect(await pays(ada, { card: fromTablet.id })).toBe('captured')
      const [, , fromPhone] = taken(await ada.addsCard(cardThat.pays)).cards
      if (fromPhone === undefined) throw new Error('expected three cards')
      expect(await pays(tablet, { card: fromPhone.id })).toBe('captured')
    })

    it('can bring in the next one', async () => {
      const { hand: tablet } = await addsDevice(ada)
      taken(await tablet.signsIn())
      const { hand: watch } = await addsDevice(tablet)
      expect(await pays(watch)).toBe('captured')
    })

    const adds = (made: unknown, vouched: unknown, payer = ada) =>
      payer.tab.post('/api/passkeys', passkeysSchema, { made, vouched })

    it.each<[string, string, () => Promise<[unknown, unknown]>]>([
      [
        'that another payer vouches for',
        'passkey-refused',
        async () => {
          const eve = await somebody()
          const { made, thumbprint } = await ada.makesPasskey(newDevice())
          const { intent } = await ada.vouchesFor(thumbprint)
          return [made, { intent, response: await eve.sign(intent) }]
        },
      ],
      [
        'that vouches for itself',
        'passkey-refused',
        async () => {
          const device = newDevice()
          const { made, thumbprint } = await ada.makesPasskey(device)
          const { intent } = await ada.vouchesFor(thumbprint)
          return [made, { intent, response: await withDevice(ada, device).sign(intent) }]
        },
      ],
      [
        'that is another one than was vouched for',
        'intent-malformed',
        async () => {
          const { made } = await ada.makesPasskey(newDevice())
          const { thumbprint } = await ada.makesPasskey(newDevice())
          return [made, await ada.vouchesFor(thumbprint)]
        },
      ],
      [
        'that was made for another payer',
        'intent-malformed',
        async () => {
          const { made, thumbprint } = await (await somebody()).makesPasskey(newDevice())
          return [made, await ada.vouchesFor(thumbprint)]
        },
      ],
      [
        'whose maker was not verified',
        'passkey-refused',
        async () => {
          const { made, thumbprint } = await ada.makesPasskey(newDevice(), { userVerified: false })
          return [made, await ada.vouchesFor(thumbprint)]
        },
      ],
      [
        'that somebody unverified vouches for',
        'passkey-refused',
        async () => {
          const { made, thumbprint } = await ada.makesPasskey(newDevice())
          return [made, await ada.vouchesFor(thumbprint, { userVerified: false })]
        },
      ],
      [
        'that was vouched for too long ago',
        'intent-expired',
        async () => {
          const { made, thumbprint } = await ada.makesPasskey(newDevice())
          const vouched = await ada.vouchesFor(thumbprint)
          world.clock.advance(5 * 60_000)
          return [made, vouched]
        },
      ],
    ])('is not one %s: %s', async (_what, code, request) => {
      const [made, vouched] = await request()
      expect(await adds(made, vouched)).toMatchObject(problem(code))
      expect(await ada.passkeys()).toHaveLength(1)
    })

    it('is added once', async () => {
      const { made, thumbprint } = await ada.makesPasskey(newDevice())
      taken(await adds(made, await ada.vouchesFor(thumbprint)))
      expect(await adds(made, await ada.vouchesFor(thumbprint))).toMatchObject(problem('intent-consumed'))
      expect(await ada.passkeys()).toHaveLength(2)
    })

    it('is refused under an id that somebody has', async () => {
      const [theirs] = await (await somebody()).passkeys()
      const credentialId = Buffer.from(theirs?.credentialId ?? '', 'base64url')
      const { made, thumbprint } = await ada.makesPasskey(newDevice(), { credentialId })
      expect(await adds(made, await ada.vouchesFor(thumbprint))).toMatchObject(problem('passkey-taken'))
    })

    it('is one too many after the tenth, also where the last two come at once', async () => {
      const requests = await Promise.all(
        Array.from({ length: passkeysMax }, async () => {
          const { made, thumbprint } = await ada.makesPasskey(newDevice())
          return { made, vouched: await ada.vouchesFor(thumbprint) }
        }),
      )
      const outcomes = await Promise.all(requests.map(({ made, vouched }) => adds(made, vouched)))
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(passkeysMax - 1)
      expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject(problem('passkeys-too-many'))
      expect(await ada.passkeys()).toHaveLength(passkeysMax)
      await expect(ada.makesPasskey(newDevice())).rejects.toThrow('passkeys-too-many')
    })
  })

  describe('one that is removed', () => {
    it('signs nothing any more: no sign-in, no payment, and what it had begun', async () => {
      const { hand: tablet, thumbprint } = await addsDevice(ada)
      taken(await tablet.signsIn())
      const bill = await world.shop.asks(eur(3_80))
      const signed = await tablet.signs(bill)
      const another = await tablet.makesPasskey(newDevice())
      const vouched = await tablet.vouchesFor(another.thumbprint)

      expect(taken(await ada.removesPasskey(thumbprint)).passkeys).toHaveLength(1)
      expect(outcomeOf(await tablet.confirms(bill, signed))).toBe('passkey-refused')
      const add = await ada.tab.post('/api/passkeys', passkeysSchema, { made: another.made, vouched })
      expect(add).toMatchObject(problem('passkey-refused'))
      expect(await tablet.tab.get('/api/session', payerSchema)).toMatchObject(problem('session-missing'))
      expect(await tablet.signsIn()).toMatchObject(problem('passkey-unknown'))
      expect(await pays(ada)).toBe('captured')
    })

    it('ends the sessions it opened, and no others', async () => {
      const { hand: tablet } = await addsDevice(ada)
      taken(await tablet.signsIn())
      const [first] = await tablet.passkeys()
      expect(taken(await tablet.removesPasskey(first?.thumbprint ?? '')).passkeys).toHaveLength(1)
      expect(await ada.tab.get('/api/session', payerSchema)).toMatchObject(problem('session-missing'))
      expect(await tablet.passkeys()).toHaveLength(1)
    })

    it('may say so itself', async () => {
      const { hand: tablet, thumbprint } = await addsDevice(ada)
      taken(await tablet.signsIn())
      expect(taken(await tablet.removesPasskey(thumbprint)).passkeys).toHaveLength(1)
      expect(await tablet.tab.get('/api/session', payerSchema)).toMatchObject(problem('session-missing'))
    })

    it('is never the last one', async () => {
      expect(await ada.removesPasskey(await firstOf(ada))).toMatchObject(problem('passkey-last'))
      expect(await pays(ada)).toBe('captured')
    })

    it('is never the last one, also where each of two removes the other', async () => {
      const { hand: tablet, thumbprint } = await addsDevice(ada)
      taken(await tablet.signsIn())
      const outcomes = await Promise.all([tablet.removesPasskey(await firstOf(ada)), ada.removesPasskey(thumbprint)])
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
      const [left] = outcomes[0]?.ok ? [tablet] : [ada]
      expect(await pays(left)).toBe('captured')
    })

    it('removes nobody any more: of two that remove each other, one stays', async () => {
      await addsDevice(ada)
      const { hand: tablet, thumbprint } = await addsDevice(ada)
      taken(await tablet.signsIn())
      const outcomes = await Promise.all([tablet.removesPasskey(await firstOf(ada)), ada.removesPasskey(thumbprint)])
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
    })

    it('is removed by a passkey of its payer alone', async () => {
      const { thumbprint } = await addsDevice(ada)
      const eve = await somebody()
      expect(await eve.removesPasskey(thumbprint)).toMatchObject(problem('passkey-unknown'))
      expect(await ada.removesPasskey(thumbprint, { userVerified: false })).toMatchObject(problem('passkey-refused'))
      expect(await ada.removesPasskey('A'.repeat(43))).toMatchObject(problem('passkey-unknown'))
      expect(await ada.passkeys()).toHaveLength(2)
    })

    it('does not come back', async () => {
      const seed = `${engine} comes back`
      world.clock.advance(1_000)
      const [, added] = taken(await ada.addsPasskey(deviceOfSeed(seed))).passkeys
      taken(await ada.removesPasskey(added?.thumbprint ?? ''))
      expect(await ada.addsPasskey(deviceOfSeed(seed))).toMatchObject(problem('passkey-refused'))
      expect(taken(await (await somebody()).addsPasskey(deviceOfSeed(seed))).passkeys).toHaveLength(2)
    })
  })
})
