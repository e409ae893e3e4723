import { describe, expect, it } from 'vitest'
import type { Joining } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'
import type { JoiningClient } from '../../../web/doors/joining-client.ts'
import { joinProof, matchingNumber } from '../../../web/flows/join-proof.ts'
import { joinRun } from '../../../web/flows/join-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { configuration, joinKey, makingIntent, newDevice } from './passkey-world.ts'

const nothing = (): never => {
  throw new Error('not asked for in these tests')
}
const invited: Joining = { state: 'open', username: 'ada', display: 'Ada', credentialIds: ['id-1'] }

/** A device that was invited, and how the invitation stands, one look after another; the last one stays. */
function device(looks: readonly Joining[], client: Partial<JoiningClient> = {}, key = joinKey) {
  const made = newDevice('a new device')
  const posted: Parameters<JoiningClient['join']>[1][] = []
  const remembered: RememberedName[] = []
  let looked = 0
  const run = joinRun(
    {
      nowMs: () => 5,
      forget: async () => undefined,
      pause: async () => undefined,
      creation: made.creation,
      device: {
        names: async () => [],
        remember: async (name) => {
          remembered.push(name)
        },
        forget: async () => undefined,
      },
      passkey: { confirm: nothing, offer: nothing, endOffer: () => undefined },
      joining: {
        look: async () => looks[Math.min(looked++, looks.length - 1)] ?? { state: 'over' },
        makingIntent: async () => ({ intent: makingIntent }),
        join: async (_secret, request) => {
          posted.push(request)
        },
        ...client,
      },
      client: {
        ask: nothing,
        configuration: nothing,
        bill: nothing,
        payIntent: nothing,
        confirm: nothing,
        cancel: nothing,
        username: nothing,
        enrolIntent: nothing,
        enrol: nothing,
        session: nothing,
        whoIsHere: nothing,
        signInIntent: async () => ({ intent: { v: 1, purpose: 'sign-in', nonce: 'A'.repeat(43), notAfter: 1 } }),
        signIn: nothing,
      },
    },
    async () => configuration,
    { secret: 'S'.repeat(22), key },
  )
  return { run, state: () => run.flow.now(), made, posted, remembered, looked: () => looked }
}

const failing = (code: string) => async (): Promise<never> => {
  throw new DoorError(code)
}

describe('a device that was invited', () => {
  it('says whose name it is, makes a passkey, and shows the number that the other device knows', async () => {
    const { run, state, made, posted, remembered } = device([invited, { state: 'made' }, { state: 'joined' }])
    await run.look()
    expect(state()).toMatchObject({ step: 'invited', username: 'ada', display: 'Ada' })
    const steps: unknown[] = []
    run.flow.subscribe(() => steps.push(state()))
    await run.make()
    const thumbprint = await made.thumbprint()
    expect(made.asked).toMatchObject([{ exclude: ['id-1'], username: 'ada', display: 'Ada' }])
    expect(posted).toEqual([
      { intent: makingIntent, response: made.made[0], proof: await joinProof(joinKey, thumbprint) },
    ])
    const number = await matchingNumber(joinKey, thumbprint)
    expect(number).toBeGreaterThanOrEqual(10)
    expect(number).toBeLessThanOrEqual(99)
    await expect.poll(() => state().step).toBe('joined')
    expect(steps).toContainEqual({ step: 'waiting', username: 'ada', display: 'Ada', number })
    const id = made.made[0]?.id
    expect(remembered).toEqual([
      {
        ...{ username: 'ada', display: 'Ada', credentialIds: [id], knownPasskeys: ['id-1', id] },
        ...{ cards: [], lastUsedMs: 5 },
      },
    ])
  })

  it('asks nobody where the link is not whole', async () => {
    const { run, state, looked } = device([invited], {}, '')
    await run.look()
    expect(state()).toEqual({ step: 'over' })
    expect(looked()).toBe(0)
  })

  it('makes nothing where somebody else was there before', async () => {
    const { run, state } = device([{ state: 'made' }])
    await run.look()
    expect(state()).toEqual({ step: 'over' })
  })

  it('goes back to where it was where the person did not want to, or the device has one already', async () => {
    for (const notice of ['passkey-dismissed', 'passkey-exists']) {
      const { run, state, made } = device([invited])
      made.creation.create = failing(notice)
      await run.look()
      await run.make()
      expect(state()).toMatchObject({ step: 'invited', doing: 'nothing', notice })
    }
  })

  it('lets the device forget what came too late', async () => {
    const { run, state, made } = device([invited], { join: failing('invitation-over') })
    await run.look()
    await run.make()
    expect(state()).toEqual({ step: 'over' })
    expect(made.forgotten).toEqual([made.made[0]?.id])
  })

  it('looks again where the answer got lost: its passkey may have come', async () => {
    const arrived = device([invited, { state: 'made' }, { state: 'joined' }], { join: failing('offline') })
    await arrived.run.look()
    await arrived.run.make()
    await expect.poll(() => arrived.state().step).toBe('joined')

    const missing = device([invited, invited], { join: failing('offline') })
    await missing.run.look()
    await missing.run.make()
    expect(missing.state()).toMatchObject({ step: 'invited', notice: 'offline' })
    expect(missing.made.forgotten).toEqual([])
  })

  it('says that it is over where the other device said no', async () => {
    const { run, state, remembered } = device([invited, { state: 'made' }, { state: 'over' }])
    await run.look()
    await run.make()
    await expect.poll(() => state().step).toBe('over')
    expect(remembered).toEqual([])
  })
})
