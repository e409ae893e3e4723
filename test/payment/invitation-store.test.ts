import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  addPasskeyIntentAnswer,
  type Invitation,
  invitationSchema,
  makePasskeyIntentAnswer,
  passkeysSchema,
  payerSchema,
} from '../../shared/wire/payment-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { openPaymentWorld, type PaymentWorld } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
let tablet: SoftwarePayer
let secret: string
let payers = 0

const lifetimeMs = 5 * 60_000
const problem = (code: string) => ({ ok: false, problem: { code } })
const over = problem('invitation-over')
const proof = 'cHJvb2YgcHJvb2YgcHJvb2YgcHJvb2YgcHJvb2YgcHI'

describe.each(['sqlite', 'postgres'] as const)('an invitation to another device, on %s', (engine) => {
  beforeAll(async () => {
    payers = 0
    world = await openPaymentWorld({ engine })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ada = await world.payer(`ada-${payers++}`)
    tablet = world.newcomer(ada.username)
    secret = taken(await ada.invites()).secret
  })

  const standing = async (payer = ada): Promise<Invitation> =>
    taken(await payer.tab.get('/api/passkeys/invitation', invitationSchema))
  /** The first device says yes to a passkey. */
  async function vouches(passkey: string, payer = ada, signer = payer) {
    const { intent } = taken(await payer.tab.post('/api/passkeys/vouching/intent', addPasskeyIntentAnswer, { passkey }))
    const response = await signer.sign(intent)
    return payer.tab.post('/api/passkeys/invitation/passkey', passkeysSchema, { intent, response })
  }

  it('is for five minutes, and says whose name it is about and which devices have it already', async () => {
    const { secret: another, expiresAtMs } = taken(await ada.invites())
    expect(expiresAtMs).toBe(world.clock.nowMs() + lifetimeMs)
    expect(another).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(await standing()).toEqual({ state: 'open' })
    const [own] = await ada.passkeys()
    expect(await tablet.invitation(another)).toEqual({
      state: 'open',
      username: ada.username,
      display: ada.username,
      credentialIds: [own?.credentialId],
    })
  })

  it('ends with a passkey that signs in and pays, once the first device has vouched for it', async () => {
    const { thumbprint } = taken(await tablet.joins(secret, proof))
    expect(await tablet.invitation(secret)).toEqual({ state: 'made' })
    expect(await standing()).toEqual({ state: 'made', thumbprint, keeper: null, proof })
    expect(await tablet.signsIn()).toMatchObject(problem('passkey-unknown'))

    expect(taken(await vouches(thumbprint)).passkeys).toHaveLength(2)
    expect(await tablet.invitation(secret)).toEqual({ state: 'joined' })
    expect(await standing()).toEqual({ state: 'over' })
    taken(await tablet.signsIn())
    expect(outcomeOf(await tablet.pays(await world.shop.asks(eur(3_80))))).toBe('captured')
  })

  it('is over after five minutes, whatever was done by then', async () => {
    const { thumbprint } = taken(await tablet.joins(secret))
    world.clock.advance(lifetimeMs)
    expect(await tablet.invitation(secret)).toEqual({ state: 'over' })
    expect(await standing()).toEqual({ state: 'over' })
    expect(await vouches(thumbprint)).toMatchObject(over)

    const { secret: next } = taken(await ada.invites())
    world.clock.advance(lifetimeMs)
    expect(await world.newcomer(ada.username).joins(next)).toMatchObject(over)
  })

  it('works once: of two devices that follow the link at once, one is taken', async () => {
    const devices = [tablet, world.newcomer(ada.username), world.newcomer(ada.username)]
    const outcomes = await Promise.all(devices.map((device) => device.joins(secret)))
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome).toMatchObject(over)
    expect(await world.newcomer(ada.username).joins(secret)).toMatchObject(over)
  })

  it('is over once it was called off: the number was not the one on the other device', async () => {
    const { thumbprint } = taken(await tablet.joins(secret))
    taken(await ada.callsOff())
    expect(await tablet.invitation(secret)).toEqual({ state: 'over' })
    expect(await vouches(thumbprint)).toMatchObject(over)
    expect(await ada.passkeys()).toHaveLength(1)
  })

  it('takes the place of the one before', async () => {
    taken(await ada.invites())
    expect(await tablet.invitation(secret)).toEqual({ state: 'over' })
    expect(await tablet.joins(secret)).toMatchObject(over)
  })

  it('ends with the removal of a passkey: whoever invited may be whoever was removed', async () => {
    const { passkeys } = taken(await ada.addsPasskey(world.newcomer(ada.username).device))
    const [own] = await ada.passkeys()
    const other = passkeys.find(({ credentialId }) => credentialId !== own?.credentialId)
    taken(await ada.removesPasskey(other?.thumbprint ?? ''))
    expect(await tablet.joins(secret)).toMatchObject(over)
  })

  it('vouches for nothing but the passkey that was made by it, with a passkey of its payer', async () => {
    const { thumbprint } = taken(await tablet.joins(secret))
    const { thumbprint: another } = await ada.makesPasskey(world.newcomer(ada.username).device)
    expect(await vouches(another)).toMatchObject(problem('intent-malformed'))
    expect(await vouches(thumbprint, ada, tablet)).toMatchObject(problem('passkey-refused'))
    const eve = await world.payer(`eve-${payers++}`)
    expect(await vouches(thumbprint, eve)).toMatchObject(over)
    expect(await standing(eve)).toEqual({ state: 'over' })
    expect(await ada.passkeys()).toHaveLength(1)
  })

  it('takes no passkey that was made for another invitation’s payer', async () => {
    const eve = await world.payer(`eve-${payers++}`)
    const { secret: evesSecret } = taken(await eve.invites())
    const path = `/api/invitations/${evesSecret}/intent`
    const { intent } = taken(await tablet.tab.post(path, makePasskeyIntentAnswer, {}))
    const made = await ada.makesPasskey(tablet.device)
    const body = { ...made.made, proof }
    expect(await tablet.tab.post(`/api/invitations/${evesSecret}/passkey`, payerSchema, body)).toMatchObject(
      problem('intent-malformed'),
    )
    expect(intent.payer).not.toBe(made.made.intent.payer)
  })

  it('tells nothing to whoever makes up a secret, and nothing more once somebody has come', async () => {
    expect(await tablet.invitation('A'.repeat(22))).toEqual({ state: 'over' })
    expect(await tablet.joins('A'.repeat(22))).toMatchObject(over)
    expect(await tablet.joins('no-secret')).toMatchObject(over)
    taken(await tablet.joins(secret))
    expect(await world.newcomer('eve').invitation(secret)).toEqual({ state: 'made' })
  })

  it('is asked for by somebody who is signed in, and not too often', async () => {
    expect(await world.newcomer('nobody').invites()).toMatchObject(problem('session-missing'))
    for (let count = 2; count <= 5; count += 1) taken(await ada.invites())
    expect(await ada.invites()).toMatchObject(problem('too-many-requests'))
    world.clock.advance(60_000)
    taken(await ada.invites())
  })

  it('is forgotten a while after it ended', async () => {
    const { thumbprint } = taken(await tablet.joins(secret))
    taken(await vouches(thumbprint))
    world.clock.advance(lifetimeMs + 7 * 60_000)
    await world.sweeps()
    expect(await tablet.invitation(secret)).toEqual({ state: 'joined' })
    await world.sweeps()
    expect(await tablet.invitation(secret)).toEqual({ state: 'over' })
  })
})
