/** Gets a name back on a device that has none of its passkeys, by the code on paper and the word of the bank. */
import type { Configuration, NameRecovery } from '../../shared/wire/payment-api.ts'
import type { PasskeyCreationDoor } from '../doors/passkey-creation.ts'
import type { RecoveryClient } from '../doors/recovery-client.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import {
  firstNameRecoveryFlow,
  type NameRecoveryEvent,
  type NameRecoveryFlow,
  nameRecoveryFlow,
} from './name-recovery-flow.ts'
import { DoorError, isAnswerLost } from './notice.ts'
import { anyNoticeOf } from './passkey-notice.ts'
import { beforehand, thumbprintOf } from './passkey-run.ts'
import { prepareSignIn, rememberPayer, type Tools } from './pay-run.ts'
import { prepared } from './prepare.ts'

export type NameRecoveryRun = {
  readonly flow: Flow<NameRecoveryFlow, NameRecoveryEvent>
  /** Asks for what the tap will sign. */
  prepare(): void
  make(): Promise<void>
  /** The cardholder is back from the page of the bank. */
  ask(): Promise<void>
  signIn(): Promise<void>
  /** Nobody is looking any more. */
  stop(): void
}

export type NameRecoveryTools = Pick<Tools, 'client' | 'passkey' | 'device' | 'nowMs' | 'pause'> & {
  readonly recovery: Pick<RecoveryClient, 'nameIntent' | 'recoverName' | 'nameStanding'>
  readonly creation: Pick<PasskeyCreationDoor, 'payments' | 'create' | 'forget'>
}

/** What somebody typed, who has it on paper. */
export type Claim = { readonly username: string; readonly code: string }

const pollEveryMs = 4_000

export function nameRecoveryRun(
  tools: NameRecoveryTools,
  configuration: () => Promise<Configuration>,
  claim: Claim,
): NameRecoveryRun {
  const { client, recovery, passkey, creation, device, nowMs, pause } = tools
  const run = flow(nameRecoveryFlow, firstNameRecoveryFlow)
  const { now, send } = run
  const payments = creation.payments().catch(() => false)
  const making = aheadOfTap(async () => {
    const [{ intent }, { relyingParty, bank }] = await Promise.all([recovery.nameIntent(claim), configuration()])
    return { ...(await prepared('recover', intent, true)), relyingParty, bank: bank.name, payments: await payments }
  }, nowMs)
  const signing = aheadOfTap(async () => {
    const [ready, { relyingParty }] = await Promise.all([prepareSignIn(client), configuration()])
    return { ...ready, relyingPartyId: relyingParty.id }
  }, nowMs)
  /** Of this device's own passkey; by its own word, so that the page of the bank can be compared with it. */
  let made = { credentialId: '', thumbprint: '', secret: '', bank: '' }
  let isStopped = false

  async function make(): Promise<void> {
    const state = now()
    if (state.step !== 'offered' || state.doing !== 'nothing') return
    send({ type: 'making' })
    try {
      const { intent, challenge, relyingParty, bank, payments: isForPayments } = making.here() ?? (await making.ask())
      const name = claim.username.trim()
      const about = { challenge, relyingParty, userHandle: intent.userHandle, username: name, display: name }
      const response = await creation.create({ ...about, payments: isForPayments })
      making.drop()
      const thumbprint = await thumbprintOf(response)
      const begun = await recovery.recoverName({ ...claim, intent, response }).catch(async (error: unknown) => {
        // It may have arrived all the same, and then this is the only passkey that the name has.
        if (!isAnswerLost(error)) await creation.forget(relyingParty.id, response.id)
        throw error
      })
      made = { credentialId: response.id, thumbprint, secret: begun.secret, bank }
      tell(begun.standing)
      void watch()
    } catch (error) {
      send({ type: 'failed', notice: anyNoticeOf(error) })
      beforehand(making.ask())
    }
  }

  function tell(standing: NameRecovery): void {
    // What another passkey would get is not waited for here.
    if (standing.state === 'pending' && standing.passkey !== made.thumbprint) throw new DoorError('intent-mismatch')
    if (standing.state === 'recovered') beforehand(signing.ask())
    send({ type: 'told', standing, passkey: made.thumbprint, bank: made.bank })
  }

  async function ask(): Promise<void> {
    const state = now()
    if (state.step !== 'waiting' || state.doing !== 'nothing') return
    send({ type: 'asking' })
    try {
      tell(await recovery.nameStanding(made.secret))
    } catch (error) {
      // It is asked again in a moment.
      send({ type: 'failed', notice: anyNoticeOf(error) })
    }
  }

  async function watch(): Promise<void> {
    while (!isStopped && now().step === 'waiting') {
      await pause(pollEveryMs)
      if (!isStopped) await ask()
    }
  }

  async function signIn(): Promise<void> {
    const state = now()
    if (state.step !== 'recovered' || state.doing !== 'nothing') return
    send({ type: 'signing' })
    try {
      const { intent, challenge, relyingPartyId } = signing.here() ?? (await signing.ask())
      const credentialIds = [made.credentialId]
      const response = await passkey.confirm({ challenge, relyingPartyId, credentialIds })
      signing.drop()
      await rememberPayer(device, await client.signIn({ intent, response }), nowMs())
      send({ type: 'home' })
    } catch (error) {
      send({ type: 'failed', notice: anyNoticeOf(error) })
      beforehand(signing.ask())
    }
  }

  return {
    flow: run,
    prepare: () => beforehand(making.ask()),
    make,
    ask,
    signIn,
    stop() {
      isStopped = true
    },
  }
}
