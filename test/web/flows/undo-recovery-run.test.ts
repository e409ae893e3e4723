import { describe, expect, it } from 'vitest'
import type { PayerPseudonym, RecoveryId } from '../../../shared/identifiers.ts'
import type { UndoRecoveryIntent } from '../../../shared/intent.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { undoRecoveryRun } from '../../../web/flows/undo-recovery-run.ts'
import { adaSignedIn } from './bill.ts'
import { assertionBy, configuration } from './doors.ts'

const intent: UndoRecoveryIntent = {
  v: 1,
  nonce: 'A'.repeat(43),
  notAfter: 1,
  purpose: 'undo-recovery',
  payer: 'pp_AAAAAAAAAAAAAAAAAAAAAA' as PayerPseudonym,
  recovery: 'recovery_AAAAAAAAAAAAAAAAAAAAAA' as RecoveryId,
}

type Script = { readonly touch?: DoorError; readonly offer?: DoorError; readonly answer?: DoorError }

function robbed(script: Script = {}) {
  const happened: string[] = []
  const run = undoRecoveryRun(
    {
      nowMs: () => 5,
      passkey: {
        confirm: async ({ credentialIds }) => {
          if (script.touch) throw script.touch
          happened.push(`touched ${credentialIds}`)
          return assertionBy('id-1')
        },
        offer: () => new Promise(() => undefined),
        endOffer: () => undefined,
      },
      device: { names: async () => [], remember: async () => undefined, forget: async () => undefined },
      recovery: {
        undoingIntent: async () => {
          if (script.offer) throw script.offer
          return { intent, recoveredAtMs: 7 }
        },
        undo: async () => {
          if (script.answer) throw script.answer
          return adaSignedIn
        },
      },
    },
    async () => configuration,
    'id-1',
    ({ username }) => void happened.push(`undone for ${username}`),
  )
  return { run, happened, state: () => run.flow.now() }
}

describe('a recovery that was somebody else’s', () => {
  it('is told of, and undone by one tap of the passkey that lost the name', async () => {
    const { run, happened, state } = robbed()
    await run.read()
    expect(state()).toMatchObject({ recoveredAtMs: 7, isOver: false })
    await Promise.all([run.undo(), run.undo()])
    expect(happened).toEqual(['touched id-1', 'undone for ada'])
  })

  it('can be undone still where the touch was missed', async () => {
    const { run, state } = robbed({ touch: new DoorError('passkey-dismissed') })
    await run.undo()
    expect(state()).toMatchObject({ isUndoing: false, isOver: false, notice: 'passkey-dismissed' })
  })

  it('is undone no more once its time is over', async () => {
    const late = robbed({ offer: new DoorError('recovery-over') })
    await late.run.read()
    expect(late.state()).toMatchObject({ isOver: true, notice: null })
    const later = robbed({ answer: new DoorError('recovery-over') })
    await later.run.undo()
    expect(later.state()).toMatchObject({ isOver: true, isUndoing: false })
  })
})
