import { describe, expect, it } from 'vitest'
import type { IntentFor } from '../../../shared/intent.ts'
import type { Assertion } from '../../../web/doors/passkey.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { recoveryRun } from '../../../web/flows/recovery-run.ts'
import { adaSignedIn } from './bill.ts'
import { closingIntent, configuration } from './passkey-world.ts'

const intent: IntentFor<'make-recovery-code'> = { ...closingIntent, purpose: 'make-recovery-code' }
const answer: Assertion = {
  id: 'id',
  rawId: 'id',
  type: 'public-key',
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
}

type Script = {
  readonly passkey?: DoorError
  readonly standing?: DoorError
  /** Until when nobody says whether there is one. */
  readonly read?: Promise<void>
  readonly intent?: object
}

function recovery(script: Script = {}) {
  const happened: string[] = []
  const run = recoveryRun(
    {
      nowMs: () => 7,
      passkey: {
        confirm: async () => {
          if (script.passkey) throw script.passkey
          happened.push('touched')
          return answer
        },
        offer: () => new Promise(() => undefined),
        endOffer: () => undefined,
      },
      recovery: {
        standing: async () => {
          await script.read
          if (script.standing) throw script.standing
          return { codeMadeAtMs: null, recovered: null }
        },
        codeIntent: async () => ({ intent: { ...intent, ...script.intent } }),
        makeCode: async () => ({ code: 'CODE' }),
      },
    },
    async () => configuration,
    () => adaSignedIn,
    async () => void happened.push('signed out'),
  )
  return { run, happened }
}

describe('a recovery code', () => {
  it('is on the screen until it is put away, and then nowhere', async () => {
    const { run } = recovery()
    await run.read()
    expect(run.flow.now()).toMatchObject({ codeMadeAtMs: null, code: null })
    await run.make()
    expect(run.flow.now()).toMatchObject({ codeMadeAtMs: 7, code: 'CODE', isTouching: false })
    run.putAway()
    expect(run.flow.now()).toMatchObject({ codeMadeAtMs: 7, code: null })
  })

  it('is made once, however often the button is pressed', async () => {
    const { run, happened } = recovery()
    await Promise.all([run.make(), run.make(), run.make()])
    expect(happened).toEqual(['touched'])
  })

  it('is not made where the touch was missed, and can be tried again', async () => {
    const { run } = recovery({ passkey: new DoorError('passkey-dismissed') })
    await run.make()
    expect(run.flow.now()).toMatchObject({ code: null, isTouching: false, notice: 'passkey-dismissed' })
  })

  it('is not signed for anything else', async () => {
    const { run, happened } = recovery({ intent: { purpose: 'close-account' } })
    await run.make()
    expect(run.flow.now()).toMatchObject({ code: null, notice: 'intent-mismatch' })
    expect(happened).toEqual([])
  })

  it('is not asked for any more once the session is over', async () => {
    const { run, happened } = recovery({ passkey: new DoorError('session-missing') })
    await run.make()
    expect(happened).toEqual(['signed out'])
  })

  it('is there, though an answer comes late by which there was none', async () => {
    const { promise: read, resolve } = Promise.withResolvers<void>()
    const { run } = recovery({ read })
    const reading = run.read()
    await run.make()
    resolve()
    await reading
    expect(run.flow.now()).toMatchObject({ codeMadeAtMs: 7, code: 'CODE' })
  })

  it('is not spoken of where nobody can say whether there is one', async () => {
    const { run } = recovery({ standing: new DoorError('offline') })
    await run.read()
    expect(run.flow.now().codeMadeAtMs).toBeUndefined()
  })
})
