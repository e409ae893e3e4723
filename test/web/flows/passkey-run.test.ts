import { describe, expect, it } from 'vitest'
import { challengeOf } from '../../../shared/intent.ts'
import type { Invitation, ListedPasskey, ListedPasskeys } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'
import type { Ask, Assertion } from '../../../web/doors/passkey.ts'
import type { PasskeyClient } from '../../../web/doors/passkey-client.ts'
import { joinProof, matchingNumber } from '../../../web/flows/join-proof.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { passkeyRun } from '../../../web/flows/passkey-run.ts'
import { ada, adaSignedIn } from './bill.ts'
import {
  configuration,
  makingIntent,
  newDevice,
  passkeyNumbered,
  removalIntent,
  thumbprintNumbered,
  vouchingIntent,
} from './passkey-world.ts'

const own = passkeyNumbered(1)
const other = passkeyNumbered(2)
const answer: Assertion = {
  id: own.credentialId,
  rawId: own.credentialId,
  type: 'public-key',
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
}

type Script = {
  readonly passkeys?: readonly ListedPasskey[]
  /** What this device has seen before. Null: it keeps nothing. */
  readonly known?: readonly string[] | null
  /** How the invitation stands, one look after another; the last one stays. */
  readonly invitations?: readonly (() => Promise<Invitation> | Invitation)[]
  readonly client?: Partial<PasskeyClient>
  readonly passkey?: DoorError
  /** Until when nobody touches the passkey that is asked. */
  readonly touched?: Promise<void>
}

/** The doors of the wallet, each one scripted, and what came through them. */
async function wallet({ passkeys = [own], known = [own.credentialId], invitations = [], ...script }: Script = {}) {
  const device = newDevice('this device')
  const list = (kept: readonly ListedPasskey[]): ListedPasskeys => ({ userHandle: 'handle', passkeys: [...kept] })
  const asked: Ask[] = []
  const posted: unknown[] = []
  const accepted: (readonly string[])[] = []
  const happened: string[] = []
  const remembered: RememberedName[] = []
  let seen = known
  let looks = 0
  const run = passkeyRun(
    {
      nowMs: () => 0,
      pause: async () => undefined,
      random: (length) => new Uint8Array(length).fill(7),
      origin: 'https://pay.example',
      creation: device.creation,
      device: {
        names: async () => [ada],
        remember: async (name) => {
          remembered.push(name)
        },
        forget: async () => undefined,
      },
      signals: {
        areHeard: () => true,
        accept: async (_id, { credentialIds }) => {
          accepted.push(credentialIds)
        },
        spell: async (_id, _userHandle, { username }) => {
          happened.push(`spelled ${username}`)
        },
        forget: async () => undefined,
      },
      known: {
        of: async () => seen,
        keep: async (_username, ids) => {
          seen = ids
        },
      },
      passkey: {
        confirm: async (ask) => {
          asked.push(ask)
          await script.touched
          if (script.passkey) throw script.passkey
          return answer
        },
        offer: () => new Promise(() => undefined),
        endOffer: () => undefined,
      },
      passkeys: {
        list: async () => list(passkeys),
        name: async () => list(passkeys),
        makingIntent: async () => ({ intent: makingIntent }),
        vouchingIntent: async (passkey) => ({ intent: vouchingIntent(passkey) }),
        add: async (request) => {
          posted.push(request)
          const credentialId = request.made.response.id
          return list([...passkeys, { ...other, credentialId, thumbprint: await device.thumbprint() }])
        },
        removalIntent: async (passkey) => ({ intent: removalIntent(passkey) }),
        remove: async (passkey) => list(passkeys.filter(({ thumbprint }) => thumbprint !== passkey)),
        invite: async () => ({ secret: 'S'.repeat(22), expiresAtMs: 1 }),
        invitation: async () =>
          (invitations[Math.min(looks++, invitations.length - 1)] ?? (() => ({ state: 'open' })))(),
        callOff: async () => {
          happened.push('called off')
        },
        vouch: async (request) => {
          posted.push(request)
          return list([...passkeys, other])
        },
        ...script.client,
      },
    },
    async () => configuration,
    () => adaSignedIn,
    async () => {
      happened.push('changed')
    },
    async () => {
      happened.push('signed out')
    },
  )
  await run.read()
  const state = () => run.flow.now()
  return { run, state, device, asked, posted, accepted, happened, remembered, known: () => seen }
}

const lost = async (): Promise<never> => {
  throw new DoorError('offline')
}
const refused = async (): Promise<never> => {
  throw new DoorError('passkey-refused')
}

describe('a passkey that came from elsewhere', () => {
  it('is news until somebody says that it was them', async () => {
    const { run, state, known } = await wallet({ passkeys: [own, other] })
    expect(state().unfamiliar).toEqual([other.thumbprint])
    await run.recognise()
    expect(state().unfamiliar).toEqual([])
    expect(known()).toEqual([own.credentialId, other.credentialId])
  })

  it('is none to a device that keeps nothing, or that is signed in by it', async () => {
    expect((await wallet({ passkeys: [own, other], known: null })).state().unfamiliar).toEqual([])
    const signedInBy = passkeyNumbered(2, { isOfSession: true })
    expect((await wallet({ passkeys: [own, signedInBy] })).state().unfamiliar).toEqual([])
  })
})

describe('a passkey made on this device', () => {
  it('is vouched for by one that is there, and by no other, and is no news afterwards', async () => {
    const { run, state, device, asked, posted, accepted, happened, known } = await wallet()
    run.beginAddition()
    await run.make(false)
    expect(state().sheet).toEqual({ at: 'made' })
    expect(device.asked).toMatchObject([{ exclude: [own.credentialId], payments: true, isRoaming: false }])
    await run.vouch()
    const thumbprint = await device.thumbprint()
    const challenge = await challengeOf(vouchingIntent(thumbprint))
    expect(asked).toEqual([{ challenge, relyingPartyId: 'pay.example', credentialIds: [own.credentialId] }])
    const [made] = device.made
    expect(posted).toEqual([
      {
        made: { intent: makingIntent, response: made },
        vouched: { intent: vouchingIntent(thumbprint), response: answer },
      },
    ])
    expect(state()).toMatchObject({ sheet: null, done: { what: 'added' }, unfamiliar: [] })
    expect(known()).toEqual([own.credentialId, made?.id])
    expect(accepted).toEqual([[own.credentialId, made?.id]])
    expect(happened).toEqual(['changed'])
  })

  it('is never mixed up with one that a server names: nothing is signed for that', async () => {
    const { run, state, device, asked } = await wallet({
      client: { vouchingIntent: async () => ({ intent: vouchingIntent(thumbprintNumbered(9)) }) },
    })
    run.beginAddition()
    await run.make(false)
    expect(state()).toMatchObject({ sheet: { at: 'adding' }, doing: null, notice: 'intent-mismatch' })
    await run.vouch()
    expect(asked).toEqual([])
    expect(device.forgotten).toEqual([device.made[0]?.id])
  })

  it('may be tried again where the touch was missed, and is forgotten where somebody leaves it', async () => {
    const { run, state, device } = await wallet({ passkey: new DoorError('passkey-dismissed') })
    run.beginAddition()
    await run.make(false)
    await run.vouch()
    expect(state()).toMatchObject({ sheet: { at: 'made' }, doing: null, notice: 'passkey-dismissed' })
    expect(device.forgotten).toEqual([])
    run.close()
    await expect.poll(() => device.forgotten).toEqual([device.made[0]?.id])
    expect(state().sheet).toBeNull()
  })

  it('is forgotten where it was refused', async () => {
    const { run, state, device } = await wallet({ client: { add: refused } })
    run.beginAddition()
    await run.make(false)
    await run.vouch()
    expect(device.forgotten).toEqual([device.made[0]?.id])
    expect(state()).toMatchObject({ sheet: { at: 'adding' }, notice: 'passkey-refused' })
  })

  it('is looked for where the answer got lost: it may be there all the same', async () => {
    const device = newDevice('this device')
    const twin = await device.creation.create({
      challenge: new Uint8Array(32),
      ...{ relyingParty: configuration.relyingParty, userHandle: makingIntent.userHandle },
      ...{ username: 'ada', display: 'ada', payments: true },
    })
    const there = passkeyNumbered(2, { credentialId: twin.id })
    let reads = 0
    const list = async () => ({ userHandle: 'handle', passkeys: reads++ === 0 ? [own] : [own, there] })
    const found = await wallet({ client: { add: lost, list } })
    await found.run.make(false)
    await found.run.vouch()
    expect(found.state()).toMatchObject({ done: { what: 'added' }, passkeys: [own, there] })
    expect(found.device.forgotten).toEqual([])

    const missing = await wallet({ client: { add: lost } })
    missing.run.beginAddition()
    await missing.run.make(false)
    await missing.run.vouch()
    expect(missing.state()).toMatchObject({ sheet: { at: 'adding' }, notice: 'offline' })
    expect(missing.device.forgotten).toEqual([missing.device.made[0]?.id])
  })

  it('is left alone where nobody can say whether it is there', async () => {
    let reads = 0
    const list = async () => (reads++ === 0 ? { userHandle: 'handle', passkeys: [own] } : lost())
    const { run, device } = await wallet({ client: { add: lost, list } })
    await run.make(false)
    await run.vouch()
    expect(device.forgotten).toEqual([])
  })
})

describe('an invitation to another device', () => {
  /** What the other device makes and says, by the key in the link that was shown. */
  async function invited(script: Script = {}, by = 'the other device') {
    const key = 'BwcHBwcHBwcHBwcHBwcHBw'
    const thumbprint = thumbprintNumbered(2)
    const proof = await joinProof(by === 'the other device' ? key : 'AAAAAAAAAAAAAAAAAAAAAA', thumbprint)
    const made: Invitation = { state: 'made', thumbprint, proof, keeper: 'Bitwarden' }
    const opened = await wallet({ invitations: [() => ({ state: 'open' }), lost, () => made], ...script })
    opened.run.beginAddition()
    await opened.run.invite()
    return { ...opened, number: await matchingNumber(key, thumbprint), key }
  }

  it('is a link with a secret for the server, and a key that no server sees', async () => {
    const { state, key } = await invited({ invitations: [() => new Promise(() => undefined)] })
    expect(state().sheet).toEqual({ at: 'invited', link: `https://pay.example/join/${'S'.repeat(22)}#${key}` })
  })

  it('asks for the number of the other device among three, and signs at once where it is right', async () => {
    const { run, state, asked, posted, number, known } = await invited()
    await expect.poll(() => state().sheet?.at).toBe('matching')
    const sheet = state().sheet
    const numbers = sheet?.at === 'matching' ? sheet.numbers : []
    expect(new Set(numbers).size).toBe(3)
    expect(numbers).toContain(number)
    await run.pick(number)
    expect(asked).toMatchObject([{ challenge: await challengeOf(vouchingIntent(other.thumbprint)) }])
    expect(posted).toEqual([{ intent: vouchingIntent(other.thumbprint), response: answer }])
    expect(state()).toMatchObject({ sheet: null, done: { what: 'added' }, unfamiliar: [] })
    expect(known()).toEqual([own.credentialId, other.credentialId])
  })

  it.each([
    ['another number', (right: number) => (right === 10 ? 11 : 10)],
    ['none of them', () => Number.NaN],
  ])('ends with %s: nothing is signed', async (_what, pick) => {
    const { run, state, asked, happened, number } = await invited()
    await expect.poll(() => state().sheet?.at).toBe('matching')
    await run.pick(pick(number))
    expect(asked).toEqual([])
    expect(happened).toEqual(['called off'])
    expect(state()).toMatchObject({ sheet: { at: 'adding' }, notice: 'number-differs' })
    await run.pick(number)
    expect(asked).toEqual([])
  })

  it('adds nothing where somebody closes it before they touch their passkey', async () => {
    const { promise: touched, resolve } = Promise.withResolvers<void>()
    const { run, state, asked, posted, number } = await invited({ touched })
    await expect.poll(() => state().sheet?.at).toBe('matching')
    const picking = run.pick(number)
    await expect.poll(() => asked.length).toBe(1)
    run.close()
    resolve()
    await picking
    expect(posted).toEqual([])
    expect(state()).toMatchObject({ passkeys: [own], sheet: null, done: null })
  })

  it('ends where a server names a passkey that the other device does not: no number is shown, and nothing signed', async () => {
    const { state, asked, happened } = await invited({}, 'the server')
    await expect.poll(() => state().notice).toBe('passkey-exchanged')
    expect(state().sheet).toEqual({ at: 'adding' })
    expect(happened).toEqual(['called off'])
    expect(asked).toEqual([])
  })

  it('ends with the session', async () => {
    const { happened } = await invited({
      invitations: [
        () => {
          throw new DoorError('session-missing')
        },
      ],
    })
    await expect.poll(() => happened).toEqual(['signed out'])
  })

  it('says that it is over, and nothing to somebody who put it away', async () => {
    const late = await invited({ invitations: [() => ({ state: 'over' })] })
    await expect.poll(() => late.state()).toMatchObject({ sheet: { at: 'adding' }, notice: 'invitation-over' })

    const look = Promise.withResolvers<Invitation>()
    const away = await invited({ invitations: [() => look.promise] })
    away.run.close()
    look.resolve({ state: 'over' })
    await look.promise
    expect(away.state()).toMatchObject({ sheet: null, notice: null })
    expect(away.happened).toEqual(['called off'])
  })
})

it('is told to the device as it is spelled, once it was given a name', async () => {
  const { run, happened } = await wallet({ passkeys: [own] })
  await run.name(own, 'My phone')
  expect(happened).toEqual([`spelled ${adaSignedIn.username}`])
})

describe('a passkey that is removed', () => {
  it('is signed away by one that is there, and the device hears which are left', async () => {
    const { run, state, asked, accepted, happened } = await wallet({ passkeys: [own, other] })
    run.beginRemoval(other)
    await run.remove(other)
    expect(asked).toMatchObject([{ challenge: await challengeOf(removalIntent(other.thumbprint)) }])
    expect(state()).toMatchObject({ passkeys: [own], unfamiliar: [], done: { what: 'removed', passkey: other } })
    expect(accepted).toEqual([[own.credentialId]])
    expect(happened).toEqual(['changed'])
  })

  it('signs out whoever was signed in by it, and is not tried at the next sign-in', async () => {
    const { run, happened, remembered } = await wallet({ passkeys: [own, other] })
    run.beginRemoval(own)
    await run.remove(own)
    expect(happened).toEqual(['signed out'])
    expect(remembered).toEqual([{ ...ada, credentialIds: [other.credentialId] }])
  })

  it('is looked for where the answer got lost, or another device was quicker', async () => {
    for (const remove of [lost, async () => Promise.reject(new DoorError('passkey-unknown'))]) {
      let reads = 0
      const list = async () => ({ userHandle: 'handle', passkeys: reads++ === 0 ? [own, other] : [own] })
      const gone = await wallet({ client: { list, remove } })
      gone.run.beginRemoval(other)
      await gone.run.remove(other)
      expect(gone.state()).toMatchObject({ passkeys: [own], done: { what: 'removed' } })
    }
    const there = await wallet({ passkeys: [own, other], client: { remove: lost } })
    there.run.beginRemoval(other)
    await there.run.remove(other)
    expect(there.state()).toMatchObject({ passkeys: [own, other], notice: 'offline', done: null })
  })

  it('is never another one than the page shows', async () => {
    const { run, state, asked } = await wallet({
      passkeys: [own, other],
      client: { removalIntent: async () => ({ intent: removalIntent(own.thumbprint) }) },
    })
    run.beginRemoval(other)
    await run.remove(other)
    expect(asked).toEqual([])
    expect(state()).toMatchObject({ passkeys: [own, other], notice: 'intent-mismatch' })
  })
})

describe('what somebody has closed before an answer comes', () => {
  const later = () => Promise.withResolvers<void>()

  it('is not opened again', async () => {
    const { promise, resolve } = later()
    const invite = async () => {
      await promise
      return { secret: 'S'.repeat(22), expiresAtMs: 1 }
    }
    const { run, state } = await wallet({ client: { invite }, invitations: [() => new Promise(() => undefined)] })
    run.beginAddition()
    const inviting = run.invite()
    run.close()
    resolve()
    await inviting
    expect(state()).toMatchObject({ sheet: null, doing: null, notice: null })
  })

  it('makes no passkey', async () => {
    const { promise, resolve } = later()
    const makingLater = async () => {
      await promise
      return { intent: makingIntent }
    }
    const { run, state, device } = await wallet({ client: { makingIntent: makingLater } })
    run.beginAddition()
    const making = run.make(false)
    run.close()
    resolve()
    await making
    expect(device.asked).toEqual([])
    expect(state()).toMatchObject({ sheet: null, doing: null, notice: null })
  })

  it('asks no passkey to remove another', async () => {
    const { promise, resolve } = later()
    const removingLater = async (passkey: string) => {
      await promise
      return { intent: removalIntent(passkey) }
    }
    const { run, state, asked } = await wallet({ passkeys: [own, other], client: { removalIntent: removingLater } })
    run.beginRemoval(other)
    const removing = run.remove(other)
    run.close()
    resolve()
    await removing
    expect(asked).toEqual([])
    expect(state()).toMatchObject({ passkeys: [own, other], sheet: null, doing: null, notice: null })
  })

  it('adds no passkey that the device was told to forget', async () => {
    const { promise: touched, resolve } = later()
    const { run, state, device, asked, posted } = await wallet({ touched })
    run.beginAddition()
    await run.make(false)
    const vouching = run.vouch()
    await expect.poll(() => asked.length).toBe(1)
    run.close()
    resolve()
    await vouching
    expect(posted).toEqual([])
    await expect.poll(() => device.forgotten).toEqual([device.made[0]?.id])
    expect(state()).toMatchObject({ passkeys: [own], sheet: null, done: null })
  })

  it.each(['refused', 'done'] as const)('leaves alone what was opened since, where adding is %s late', async (how) => {
    const { promise, resolve } = later()
    const add = async () => {
      await promise
      return how === 'refused' ? refused() : { userHandle: 'handle', passkeys: [own, other] }
    }
    const { run, state } = await wallet({ client: { add } })
    run.beginAddition()
    await run.make(false)
    const vouching = run.vouch()
    await expect.poll(() => state().doing).toBe('vouching')
    run.close()
    run.open(own)
    resolve()
    await vouching
    const listed = how === 'refused' ? [own] : [own, other]
    expect(state()).toMatchObject({ sheet: { at: 'passkey' }, passkeys: listed, notice: null })
  })

  it('leaves alone what was opened since, where a passkey is removed late', async () => {
    const { promise, resolve } = later()
    const asked: string[] = []
    const remove = async (passkey: string) => {
      asked.push(passkey)
      await promise
      return { userHandle: 'handle', passkeys: [own] }
    }
    const { run, state } = await wallet({ passkeys: [own, other], client: { remove } })
    run.beginRemoval(other)
    const removing = run.remove(other)
    await expect.poll(() => asked).toEqual([other.thumbprint])
    run.close()
    run.beginAddition()
    resolve()
    await removing
    expect(state()).toMatchObject({ sheet: { at: 'adding' }, passkeys: [own], done: { what: 'removed' } })
  })

  it('ends no invitation that was made since', async () => {
    const { promise, resolve } = later()
    const vouchingLater = async () => {
      await promise
      return refused()
    }
    const key = 'BwcHBwcHBwcHBwcHBwcHBw'
    const thumbprint = thumbprintNumbered(2)
    const made: Invitation = { state: 'made', thumbprint, proof: await joinProof(key, thumbprint), keeper: null }
    const answers = [() => made, () => new Promise<Invitation>(() => undefined)]
    const asked: string[] = []
    const { run, state, happened } = await wallet({
      invitations: answers,
      client: {
        vouchingIntent: (passkey) => {
          asked.push(passkey)
          return vouchingLater()
        },
      },
    })
    run.beginAddition()
    await run.invite()
    await expect.poll(() => asked).toEqual([thumbprint])
    run.close()
    run.beginAddition()
    await run.invite()
    resolve()
    await expect.poll(() => happened).toEqual(['called off'])
    expect(state()).toMatchObject({ sheet: { at: 'invited' }, notice: null })
  })

  it('says nothing while something else is under way', async () => {
    const { promise, resolve } = later()
    const name = async () => {
      await promise
      return refused()
    }
    const { run, state } = await wallet({ client: { name, makingIntent: () => new Promise(() => undefined) } })
    run.open(own)
    const naming = run.name(own, 'Phone')
    run.close()
    run.beginAddition()
    void run.make(false)
    resolve()
    await naming
    expect(state()).toMatchObject({ sheet: { at: 'adding' }, doing: 'making', notice: null })
  })
})

it('what was done with passkeys is newer than an answer of before', async () => {
  const named = { ...own, nickname: 'Phone' }
  const { promise, resolve } = Promise.withResolvers<ListedPasskeys>()
  let reads = 0
  const list = () => (reads++ === 0 ? Promise.resolve({ userHandle: 'handle', passkeys: [own] }) : promise)
  const name = async () => ({ userHandle: 'handle', passkeys: [named] })
  const { run, state } = await wallet({ client: { list, name } })
  const reading = run.read()
  await run.name(own, 'Phone')
  resolve({ userHandle: 'handle', passkeys: [own] })
  await reading
  expect(state().passkeys).toEqual([named])
})
