import { describe, expect, it } from 'vitest'
import type { RecoverIntent } from '../../../shared/intent.ts'
import type { NameRecovery, Payer } from '../../../shared/wire/payment-api.ts'
import { nameRecoveryRun } from '../../../web/flows/name-recovery-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn, cardNumbered } from './bill.ts'
import { assertionBy, silentClient } from './doors.ts'
import { configuration, makingIntent, newDevice } from './passkey-world.ts'

const intent: RecoverIntent = { ...makingIntent, purpose: 'recover' }
const claim = { username: ' Ada ', code: 'CODE' }
const recovered: NameRecovery = { state: 'recovered', recoveredAtMs: 1, heldUntilMs: 2 }

type Script = {
  /** What the server says, one time after another; the last one stays. Absent passkey: this device's own. */
  readonly standings?: readonly (NameRecovery | 'awaited' | DoorError)[]
  readonly refusal?: DoorError
  readonly intent?: object
  readonly passkey?: string
}

function lostPhone({ standings = ['awaited', recovered], refusal, ...script }: Script = {}) {
  const device = newDevice('a device that has none')
  const happened: string[] = []
  let asked = 0
  async function standing(): Promise<NameRecovery> {
    const next = standings[Math.min(asked++, standings.length - 1)] ?? recovered
    if (next instanceof DoorError) throw next
    if (next !== 'awaited') return next
    const face = { brand: 'visa', last4: '1111' } as const
    const confirmation = { url: 'https://bank.example/recoveries/link', expiresAtMs: 9 }
    const cards = [{ id: cardNumbered(1), face, state: 'awaited' as const, confirmation }]
    return { state: 'pending', passkey: script.passkey ?? (await device.thumbprint()), cards }
  }
  const run = nameRecoveryRun(
    {
      nowMs: () => 5,
      pause: async () => undefined,
      creation: device.creation,
      passkey: {
        confirm: async ({ credentialIds }) => assertionBy(credentialIds[0] ?? 'any'),
        offer: () => new Promise(() => undefined),
        endOffer: () => undefined,
      },
      device: {
        names: async () => [],
        remember: async ({ username }) => void happened.push(`remembered ${username}`),
        forget: async () => undefined,
      },
      client: {
        ...silentClient,
        signInIntent: async () => ({ intent: { v: 1, purpose: 'sign-in', nonce: 'A'.repeat(43), notAfter: 1 } }),
        signIn: async (): Promise<Payer> => adaSignedIn,
      },
      recovery: {
        nameIntent: async () => ({ intent: { ...intent, ...script.intent } }),
        recoverName: async ({ username, code }) => {
          if (refusal) throw refusal
          happened.push(`${username}: ${code}`)
          return { secret: 'S'.repeat(22), standing: await standing() }
        },
        nameStanding: standing,
      },
    },
    async () => configuration,
    claim,
  )
  return { run, device, happened, step: () => run.flow.now().step }
}

const untilStill = () => new Promise((resolve) => setImmediate(resolve))

describe('a name that is got back', () => {
  it('waits for the bank with a passkey that was made here, and signs in with it', async () => {
    const { run, device, happened, step } = lostPhone()
    run.prepare()
    await run.make()
    expect(run.flow.now()).toMatchObject({ step: 'waiting', bank: 'Bank', passkey: await device.thumbprint() })
    await untilStill()
    expect(step()).toBe('recovered')
    await run.signIn()
    expect(step()).toBe('home')
    expect(happened).toEqual([' Ada : CODE', 'remembered ada'])
  })

  it('makes one passkey, however often the button is pressed', async () => {
    const { run, device } = lostPhone()
    await Promise.all([run.make(), run.make(), run.make()])
    expect(device.made).toHaveLength(1)
  })

  it('goes on asking where an answer was lost, until the bank has said no', async () => {
    const { run, step } = lostPhone({ standings: ['awaited', new DoorError('offline'), { state: 'over' }] })
    await run.make()
    await untilStill()
    expect(step()).toBe('over')
  })

  it('asks no more once nobody is looking', async () => {
    const { run, step } = lostPhone({ standings: ['awaited', 'awaited', recovered] })
    const making = run.make()
    run.stop()
    await making
    await untilStill()
    expect(step()).toBe('waiting')
  })

  it('keeps no passkey that was refused, and says why', async () => {
    const { run, device } = lostPhone({ refusal: new DoorError('name-held') })
    await run.make()
    expect(run.flow.now()).toMatchObject({ step: 'offered', doing: 'nothing', notice: 'name-held' })
    expect(device.forgotten).toEqual(device.made.map(({ id }) => id))
  })

  it('keeps the passkey where the answer was lost: the name may have no other by now', async () => {
    const { run, device } = lostPhone({ refusal: new DoorError('offline') })
    await run.make()
    expect(run.flow.now()).toMatchObject({ step: 'offered', doing: 'nothing', notice: 'offline' })
    expect([device.made.length, device.forgotten]).toEqual([1, []])
  })

  it('waits for no other passkey than its own, and makes none for anything else', async () => {
    const exchanged = lostPhone({ passkey: 'B'.repeat(43) })
    await exchanged.run.make()
    expect(exchanged.run.flow.now()).toMatchObject({ step: 'offered', notice: 'intent-mismatch' })
    const other = lostPhone({ intent: { purpose: 'make-passkey' } })
    await other.run.make()
    expect(other.device.made).toEqual([])
  })
})
