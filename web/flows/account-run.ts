/** To take everything along, and to leave. */
import type { IntentFor } from '../../shared/intent.ts'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { PasskeyClient } from '../doors/passkey-client.ts'
import type { SaveOutcome } from '../doors/save-file.ts'
import type { SignalsDoor } from '../doors/signals.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import { type AccountEvent, type AccountFlow, accountFlow, firstAccountFlow } from './account-flow.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import { isAnswerLost, type NoticeCode, noticeOf } from './notice.ts'
import { beforehand } from './passkey-run.ts'
import { credentialIdsOfPayer } from './pay-flow.ts'
import type { Tools } from './pay-run.ts'
import { type Prepared, prepared } from './prepare.ts'

export type AccountRun = {
  readonly flow: Flow<AccountFlow, AccountEvent>
  save(): Promise<void>
  /** Asks whether it shall really go. */
  beginClosing(): void
  keep(): void
  close(): Promise<void>
}

export type AccountTools = Pick<Tools, 'passkey' | 'device' | 'nowMs'> & {
  readonly wallet: Pick<WalletClient, 'closingIntent' | 'close'>
  readonly passkeys: Pick<PasskeyClient, 'list'>
  readonly signals: SignalsDoor
  readonly lastSeen: Pick<LastSeenDoor, 'forget'>
  readonly saveAccount: () => Promise<SaveOutcome>
}

type Closing = Prepared<IntentFor<'close-account'>> & { readonly relyingPartyId: string; readonly userHandle: string }

/**
 * @param payer as they are now
 * @param signedOut the session is over
 * @param left there is no such account any more
 */
export function accountRun(
  tools: AccountTools,
  configuration: () => Promise<Configuration>,
  payer: () => Payer,
  signedOut: () => Promise<void>,
  left: (display: string) => Promise<void>,
): AccountRun {
  const { passkey, device, wallet, passkeys, signals, lastSeen, saveAccount, nowMs } = tools
  const run = flow(accountFlow, firstAccountFlow)
  const { now, send } = run
  const closing = aheadOfTap(prepare, nowMs)
  /** Counts how often somebody wanted to keep it after all. */
  let kept = 0

  async function prepare(): Promise<Closing> {
    const [{ intent }, { userHandle }, { relyingParty }] = await Promise.all([
      wallet.closingIntent(),
      passkeys.list(),
      configuration(),
    ])
    return { ...(await prepared('close-account', intent, true)), relyingPartyId: relyingParty.id, userHandle }
  }

  async function failed(notice: NoticeCode): Promise<void> {
    if (notice === 'session-missing') await signedOut()
    else send({ type: 'failed', notice })
  }

  async function save(): Promise<void> {
    if (now().doing !== null) return
    send({ type: 'saving' })
    const outcome = await saveAccount()
    if (outcome === 'saved') send({ type: 'saved' })
    else await failed(outcome === 'refused' ? 'session-missing' : 'unavailable')
  }

  async function close(): Promise<void> {
    if (now().doing !== null) return
    const turn = kept
    const isWanted = () => turn === kept
    send({ type: 'touching' })
    try {
      const { intent, challenge, relyingPartyId, userHandle } = closing.here() ?? (await closing.ask())
      if (!isWanted()) return
      const credentialIds = credentialIdsOfPayer(payer())
      const response = await passkey.confirm({ challenge, relyingPartyId, credentialIds })
      closing.drop()
      if (!isWanted()) return
      await wallet.close({ intent, response }).catch(unlessGone)
      // None of its passkeys works any more: a device that listens takes them off its list.
      await signals.accept(relyingPartyId, { userHandle, credentialIds: [] })
      await forget()
    } catch (error) {
      if (isWanted()) await failed(noticeOf(error))
    }
  }

  /** Where the answer got lost: who has no account has no session. */
  async function unlessGone(error: unknown): Promise<void> {
    if (!isAnswerLost(error)) throw error
    const isGone = await passkeys.list().then(
      () => false,
      (reason: unknown) => noticeOf(reason) === 'session-missing',
    )
    if (!isGone) throw error
  }

  async function forget(): Promise<void> {
    const { username, display } = payer()
    await Promise.all([device.forget(username), lastSeen.forget(username)])
    await left(display)
  }

  return {
    flow: run,
    save,
    beginClosing() {
      send({ type: 'closing' })
      beforehand(closing.ask())
    },
    keep() {
      kept += 1
      send({ type: 'kept' })
    },
    close,
  }
}
