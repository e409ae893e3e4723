/** A code on paper, for the day the phone is lost. */
import type { IntentFor } from '../../shared/intent.ts'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { RecoveryClient } from '../doors/recovery-client.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import { type NoticeCode, noticeOf } from './notice.ts'
import { credentialIdsOfPayer } from './pay-flow.ts'
import type { Tools } from './pay-run.ts'
import { type Prepared, prepared } from './prepare.ts'

export type RecoveryFlow = {
  /** Null: there is none; undefined: nobody has said yet. */
  readonly codeMadeAtMs: number | null | undefined
  /** Whether the name was got back a short while ago, and until when that can be undone. */
  readonly recovered: { readonly recoveredAtMs: number; readonly heldUntilMs: number } | null
  readonly isTouching: boolean
  /** A code that was just made: on the screen this once, and nowhere else. */
  readonly code: string | null
  readonly notice: NoticeCode | null
}
type RecoveryEvent =
  | { type: 'read'; codeMadeAtMs: number | null; recovered: RecoveryFlow['recovered'] }
  | { type: 'touching' }
  | { type: 'made'; code: string; atMs: number }
  | { type: 'put-away' }
  | { type: 'failed'; notice: NoticeCode }

const first: RecoveryFlow = { codeMadeAtMs: undefined, recovered: null, isTouching: false, code: null, notice: null }

function recoveryFlow(state: RecoveryFlow, event: RecoveryEvent): RecoveryFlow {
  switch (event.type) {
    case 'read':
      return { ...state, codeMadeAtMs: event.codeMadeAtMs, recovered: event.recovered }
    case 'touching':
      return { ...state, isTouching: true, notice: null }
    case 'made':
      return { ...state, isTouching: false, code: event.code, codeMadeAtMs: event.atMs }
    case 'put-away':
      return { ...state, code: null }
    case 'failed':
      return { ...state, isTouching: false, notice: event.notice }
  }
}

export type RecoveryRun = {
  readonly flow: Flow<RecoveryFlow, RecoveryEvent>
  read(): Promise<void>
  /** Fetches what making one will sign, so that a tap can reach the passkey without waiting. */
  prepare(): Promise<void>
  make(): Promise<void>
  /** It is on paper. */
  putAway(): void
}

export type RecoveryTools = Pick<Tools, 'passkey' | 'nowMs'> & {
  readonly recovery: Pick<RecoveryClient, 'standing' | 'codeIntent' | 'makeCode'>
}
type Making = Prepared<IntentFor<'make-recovery-code'>> & { readonly relyingPartyId: string }

/** @param signedOut the session is over */
export function recoveryRun(
  { passkey, recovery, nowMs }: RecoveryTools,
  configuration: () => Promise<Configuration>,
  payer: () => Payer,
  signedOut: () => Promise<void>,
): RecoveryRun {
  const run = flow(recoveryFlow, first)
  const { now, send } = run
  const making = aheadOfTap(prepare, nowMs)

  async function prepare(): Promise<Making> {
    const [{ intent }, { relyingParty }] = await Promise.all([recovery.codeIntent(), configuration()])
    return { ...(await prepared('make-recovery-code', intent, true)), relyingPartyId: relyingParty.id }
  }

  async function make(): Promise<void> {
    if (now().isTouching) return
    send({ type: 'touching' })
    try {
      const { intent, challenge, relyingPartyId } = making.here() ?? (await making.ask())
      const response = await passkey.confirm({
        challenge,
        relyingPartyId,
        credentialIds: credentialIdsOfPayer(payer()),
      })
      making.drop()
      const { code } = await recovery.makeCode({ intent, response })
      send({ type: 'made', code, atMs: nowMs() })
    } catch (error) {
      const notice = noticeOf(error)
      if (notice === 'session-missing') await signedOut()
      else send({ type: 'failed', notice })
    }
  }

  return {
    flow: run,
    /** What is not known is not shown: the rest of the wallet is there all the same. */
    async read() {
      const before = now().codeMadeAtMs
      const standing = await recovery.standing().catch(() => null)
      // A code that was made meanwhile is newer than this answer.
      if (standing !== null && now().codeMadeAtMs === before) send({ type: 'read', ...standing })
    },
    async prepare() {
      await making.ask().catch(() => undefined)
    },
    make,
    putAway: () => send({ type: 'put-away' }),
  }
}
