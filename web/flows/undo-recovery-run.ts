/** "This was not me": a passkey of before takes the name back from whoever recovered it. */
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { RecoveryClient } from '../doors/recovery-client.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import { type NoticeCode, noticeOf } from './notice.ts'
import { beforehand } from './passkey-run.ts'
import { rememberPayer, type Tools } from './pay-run.ts'
import { prepared } from './prepare.ts'

export type UndoRecoveryFlow = {
  /** Null while nobody has said when it was. */
  readonly recoveredAtMs: number | null
  readonly isUndoing: boolean
  /** It is too late, or somebody has undone it already. */
  readonly isOver: boolean
  readonly notice: NoticeCode | null
}
type UndoRecoveryEvent =
  | { type: 'read'; recoveredAtMs: number }
  | { type: 'undoing' }
  | { type: 'over' }
  | { type: 'failed'; notice: NoticeCode }

const first: UndoRecoveryFlow = { recoveredAtMs: null, isUndoing: false, isOver: false, notice: null }

function undoRecoveryFlow(state: UndoRecoveryFlow, event: UndoRecoveryEvent): UndoRecoveryFlow {
  switch (event.type) {
    case 'read':
      return { ...state, recoveredAtMs: event.recoveredAtMs }
    case 'undoing':
      return { ...state, isUndoing: true, notice: null }
    case 'over':
      return { ...state, isUndoing: false, isOver: true, notice: null }
    case 'failed':
      return { ...state, isUndoing: false, notice: event.notice }
  }
}

export type UndoRecoveryRun = {
  readonly flow: Flow<UndoRecoveryFlow, UndoRecoveryEvent>
  read(): Promise<void>
  undo(): Promise<void>
}

export type UndoRecoveryTools = Pick<Tools, 'passkey' | 'device' | 'nowMs'> & {
  readonly recovery: Pick<RecoveryClient, 'undoingIntent' | 'undo'>
}

/**
 * @param credentialId of the passkey that signs in no more
 * @param undone the name is theirs again, and they are signed in
 */
export function undoRecoveryRun(
  { passkey, device, recovery, nowMs }: UndoRecoveryTools,
  configuration: () => Promise<Configuration>,
  credentialId: string,
  undone: (payer: Payer) => void,
): UndoRecoveryRun {
  const run = flow(undoRecoveryFlow, first)
  const { now, send } = run
  const undoing = aheadOfTap(async () => {
    const [{ intent, recoveredAtMs }, { relyingParty }] = await Promise.all([
      recovery.undoingIntent({ credentialId }),
      configuration(),
    ])
    send({ type: 'read', recoveredAtMs })
    return { ...(await prepared('undo-recovery', intent, true)), relyingPartyId: relyingParty.id }
  }, nowMs)

  function failed(error: unknown): void {
    const isOver = error instanceof Error && 'origin' in error && error.origin === 'recovery-over'
    send(isOver ? { type: 'over' } : { type: 'failed', notice: noticeOf(error) })
  }

  return {
    flow: run,
    read: () => undoing.ask().then(() => undefined, failed),
    async undo() {
      if (now().isUndoing) return
      send({ type: 'undoing' })
      try {
        const { intent, challenge, relyingPartyId } = undoing.here() ?? (await undoing.ask())
        const response = await passkey.confirm({ challenge, relyingPartyId, credentialIds: [credentialId] })
        undoing.drop()
        const payer = await recovery.undo({ intent, response })
        await rememberPayer(device, payer, nowMs())
        undone(payer)
      } catch (error) {
        failed(error)
        if (!now().isOver) beforehand(undoing.ask())
      }
    },
  }
}
