import { describe, expect, it } from 'vitest'
import type { Assertion } from '../../../web/doors/passkey.ts'
import type { SaveOutcome } from '../../../web/doors/save-file.ts'
import { accountRun } from '../../../web/flows/account-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn } from './bill.ts'
import { closingIntent, configuration, passkeyNumbered } from './passkey-world.ts'

const own = passkeyNumbered(1)
const answer: Assertion = {
  id: own.credentialId,
  rawId: own.credentialId,
  type: 'public-key',
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
}

type Script = {
  readonly passkey?: DoorError
  readonly close?: DoorError
  /** Until when what is to be signed, and then the touch, is waited for. */
  readonly offered?: Promise<void>
  readonly touched?: Promise<void>
  /** What the list of passkeys is answered by once the account was to be closed. */
  readonly listAfterwards?: DoorError
  readonly saved?: SaveOutcome
}

/** The doors of the wallet, each one scripted, and what came through them. */
function account(script: Script = {}) {
  const happened: string[] = []
  /** Who was asked to close it. */
  const asked: string[] = []
  let isClosed = false
  const run = accountRun(
    {
      nowMs: () => 0,
      passkey: {
        confirm: async () => {
          asked.push('a passkey')
          await script.touched
          if (script.passkey) throw script.passkey
          return answer
        },
        offer: () => new Promise(() => undefined),
        endOffer: () => undefined,
      },
      device: {
        names: async () => [],
        remember: async () => undefined,
        forget: async (username) => void happened.push(`forgets ${username}`),
      },
      lastSeen: { forget: async () => undefined },
      wallet: {
        closingIntent: async () => {
          await script.offered
          return { intent: closingIntent }
        },
        close: async () => {
          asked.push('the server')
          isClosed = true
          if (script.close) throw script.close
        },
      },
      passkeys: {
        list: async () => {
          if (isClosed && script.listAfterwards) throw script.listAfterwards
          return { userHandle: 'handle', passkeys: [own] }
        },
      },
      signals: {
        areHeard: () => true,
        accept: async (_id, { credentialIds }) => void happened.push(`accepts ${credentialIds.length} passkeys`),
        spell: async () => undefined,
        forget: async () => undefined,
      },
      saveAccount: async () => script.saved ?? 'saved',
    },
    async () => configuration,
    () => adaSignedIn,
    async () => void happened.push('signed out'),
    async (display) => void happened.push(`${display} left`),
  )
  return { ...run, happened, asked, state: run.flow.now }
}

const everythingGoes = ['accepts 0 passkeys', `forgets ${adaSignedIn.username}`, `${adaSignedIn.display} left`]

describe('who closes an account', () => {
  it('is asked first, and touches the passkey once; then the device forgets the name', async () => {
    const { beginClosing, close, happened, state } = account()
    beginClosing()
    expect(state()).toMatchObject({ isClosing: true })
    await close()
    expect(happened).toEqual(everythingGoes)
  })

  it('keeps it by not touching the passkey', async () => {
    const { beginClosing, close, keep, happened, state } = account({ passkey: new DoorError('passkey-dismissed') })
    beginClosing()
    await close()
    expect(state()).toMatchObject({ isClosing: true, doing: null, notice: 'passkey-dismissed' })
    keep()
    expect(state()).toMatchObject({ isClosing: false, notice: null })
    expect(happened).toEqual([])
  })

  it('has left also where the answer was lost on its way', async () => {
    const lost = { close: new DoorError('offline'), listAfterwards: new DoorError('session-missing') }
    const { close, happened } = account(lost)
    await close()
    expect(happened).toEqual(everythingGoes)
  })

  it('has not left where the request was lost', async () => {
    const { close, happened, state } = account({ close: new DoorError('offline') })
    await close()
    expect(happened).toEqual([])
    expect(state()).toMatchObject({ doing: null, notice: 'offline' })
  })

  it('keeps it also where they say so before their passkey is asked: then it is not', async () => {
    const { promise: offered, resolve } = Promise.withResolvers<void>()
    const { beginClosing, close, keep, asked, state } = account({ offered })
    beginClosing()
    const closing = close()
    keep()
    resolve()
    await closing
    expect(asked).toEqual([])
    expect(state()).toMatchObject({ isClosing: false, doing: null, notice: null })
  })

  it('keeps it also where they say so before they touch the passkey that was asked', async () => {
    const { promise: touched, resolve } = Promise.withResolvers<void>()
    const { beginClosing, close, keep, asked, happened, state } = account({ touched })
    beginClosing()
    const closing = close()
    await expect.poll(() => asked).toEqual(['a passkey'])
    keep()
    resolve()
    await closing
    expect([asked, happened]).toEqual([['a passkey'], []])
    expect(state()).toMatchObject({ isClosing: false, doing: null, notice: null })
  })

  it('is signed out where the session is over', async () => {
    const { close, happened } = account({ close: new DoorError('session-missing') })
    await close()
    expect(happened).toEqual(['signed out'])
  })
})

describe('who takes their data along', () => {
  it.each<[SaveOutcome, object]>([
    ['saved', { doing: null, isSaved: true, notice: null }],
    ['failed', { doing: null, isSaved: false, notice: 'unavailable' }],
  ])('reads that it was %s', async (saved, expected) => {
    const { save, state } = account({ saved })
    await save()
    expect(state()).toMatchObject(expected)
  })

  it('is signed out where the session is over', async () => {
    const { save, happened } = account({ saved: 'refused' })
    await save()
    expect(happened).toEqual(['signed out'])
  })
})
