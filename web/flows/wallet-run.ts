/** The acts of the wallet: who is here, and what they do with it. */

import type { CardId } from '../../shared/identifiers.ts'
import { type IntentFor, intentLifetimeMs } from '../../shared/intent.ts'
import type { Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { RememberedName } from '../doors/device.ts'
import type { InstallDoor } from '../doors/install.ts'
import type { LastSeen, LastSeenDoor } from '../doors/last-seen.ts'
import type { LimitsClient } from '../doors/limits-client.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import { type AccountRun, type AccountTools, accountRun } from './account-run.ts'
import { type ActivityRun, activityRun } from './activity-run.ts'
import { type CardRun, cardRun, type StillHere } from './card-run.ts'
import { type Flow, flow } from './flow.ts'
import { type LimitsRun, limitsRun } from './limits-run.ts'
import { type NoticeCode, noticeOf } from './notice.ts'
import { type PasskeyRun, type PasskeyTools, passkeyRun } from './passkey-run.ts'
import { prepareSignIn, rememberPayer, type Tools } from './pay-run.ts'
import type { Prepared } from './prepare.ts'
import { type PushRun, type PushTools, pushRun } from './push-run.ts'
import { type RecoveryRun, type RecoveryTools, recoveryRun } from './recovery-run.ts'
import { seenHere } from './seen-here.ts'
import { type UndoRecoveryRun, type UndoRecoveryTools, undoRecoveryRun } from './undo-recovery-run.ts'
import { firstWalletFlow, type WalletEvent, type WalletFlow, walletFlow } from './wallet-flow.ts'

export type WalletRun = {
  readonly flow: Flow<WalletFlow, WalletEvent>
  readonly cards: CardRun
  readonly install: InstallDoor
  /** Whether this browser is told of payments. */
  readonly push: PushRun
  nowMs(): number
  /** What was paid, to be looked through. */
  activity(): ActivityRun
  /** What a card may pay at most. */
  limits(payer: Payer, card: CardId): LimitsRun
  /** The keys to all of it. */
  passkeys(payer: Payer): PasskeyRun
  account(payer: Payer): AccountRun
  recovery(payer: Payer): RecoveryRun
  /** @param credentialId of a passkey that somebody has taken the name from */
  undoRecovery(credentialId: string): UndoRecoveryRun
  /** It was no robbery. */
  leaveTaken(): Promise<void>
  /** What this device saw last of somebody's wallet. */
  seenBefore(name: RememberedName): Promise<LastSeen | null>
  read(): Promise<void>
  /** Somebody comes back to a wallet that is open: what they see is as it is now. */
  readAgain(): Promise<void>
  /** @param name somebody this device remembers, or `null` for whoever the passkey belongs to */
  signIn(name: RememberedName | null): Promise<void>
  /** Ends the session; the device still knows the name. */
  signOut(): Promise<void>
  forget(name: RememberedName): Promise<void>
}

export type WalletTools = Tools &
  PasskeyTools &
  AccountTools &
  RecoveryTools &
  UndoRecoveryTools &
  Omit<PushTools, 'username'> & {
    readonly wallet: WalletClient
    readonly limits: LimitsClient
    readonly lastSeen: LastSeenDoor
    readonly install: InstallDoor
    readonly takeWanted: () => string | null
  }

export function walletRun(tools: WalletTools, configuration: () => Promise<Configuration>): WalletRun {
  const { client, passkey, device, wallet, lastSeen, nowMs } = tools
  const run = flow(walletFlow, firstWalletFlow)
  const { now, send } = run
  const push = pushRun({
    ...tools,
    username() {
      const state = now()
      return state.step === 'signed-in' ? state.payer.username : null
    },
  })
  const seen = seenHere(lastSeen, run)
  let ready: {
    readonly intent: Prepared<IntentFor<'sign-in'>>
    readonly relyingPartyId: string
    readonly madeAtMs: number
  } | null = null

  /** However often it is asked for while it is under way, it is one reading. */
  let reading: Promise<void> | null = null
  const read = (): Promise<void> => {
    reading ??= readOnce().finally(() => {
      reading = null
    })
    return reading
  }

  async function readOnce(): Promise<void> {
    send({ type: 'reading' })
    void device.names().then((known) => lastSeen.forgetAllBut(known.map(({ username }) => username)))
    try {
      const payer = await client.session()
      await rememberPayer(device, payer, nowMs())
      send({ type: 'read', payer, names: await device.names(), notice: null })
    } catch (error) {
      const notice = noticeOf(error)
      const names = await device.names()
      send({ type: 'read', payer: null, names, notice: notice === 'session-missing' ? null : notice })
      // Asked for before the tap, which then reaches the passkey at once.
      void prepare().catch(() => undefined)
    }
  }

  async function prepare() {
    const [intent, { relyingParty }] = await Promise.all([prepareSignIn(client), configuration()])
    ready = { intent, relyingPartyId: relyingParty.id, madeAtMs: nowMs() }
    return ready
  }

  async function signIn(name: RememberedName | null): Promise<void> {
    const state = now()
    if (state.step !== 'signed-out' || state.doing === 'signing') return
    send({ type: 'signing' })
    try {
      const isFresh = ready !== null && nowMs() - ready.madeAtMs < intentLifetimeMs - 60_000
      const { intent, relyingPartyId } = isFresh && ready ? ready : await prepare()
      const credentialIds = name?.credentialIds ?? []
      const response = await passkey.confirm({ challenge: intent.challenge, relyingPartyId, credentialIds })
      ready = null
      const payer = await client.signIn({ intent: intent.intent, response }).catch((error: unknown) => {
        if (noticeOf(error) === 'name-recovered') return null
        throw error
      })
      if (payer === null) return send({ type: 'taken', credentialId: response.id })
      await rememberPayer(device, payer, nowMs())
      send({ type: 'signed-in', payer })
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
      await prepare().catch(() => undefined)
    }
  }

  async function signOut(): Promise<void> {
    const state = now()
    if (state.step !== 'signed-in') return
    try {
      await push.leave()
      await wallet.signOut()
      await seen.forget(state.payer.username)
      await signedOut(null)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
    }
  }

  async function signedOut(notice: NoticeCode | null): Promise<void> {
    send({ type: 'signed-out', names: await device.names(), notice })
    await prepare().catch(() => undefined)
  }

  /** Counts who was here: what is answered to somebody who has left is told to nobody who comes after them. */
  let visit = 0
  run.subscribe(() => {
    if (now().step !== 'signed-in') visit += 1
  })
  const stillHere: StillHere = () => {
    const turn = visit
    return () => turn === visit
  }

  /** Signs out whoever is here now, once their session is over, and nobody else. */
  function ending(notice: NoticeCode | null): () => Promise<void> {
    const isHere = stillHere()
    return async () => {
      if (isHere()) await signedOut(notice)
    }
  }

  /** Cards and passkeys may have changed elsewhere: what is shown, and what signs, is what is there now. */
  async function readAgain(): Promise<void> {
    const before = now()
    if (before.step !== 'signed-in') return
    const sessionOver = ending('session-missing')
    try {
      const payer = await client.session()
      // What was done meanwhile is newer than this answer.
      const isNewest = () => {
        const state = now()
        return state.step === 'signed-in' && state.payer === before.payer && state.doing === null
      }
      if (!isNewest()) return
      await rememberPayer(device, payer, nowMs())
      if (isNewest()) send({ type: 'read-again', payer })
    } catch (error) {
      if (noticeOf(error) === 'session-missing') await sessionOver()
    }
  }

  /** Who is signed in may have changed since a part of the screen was made for them. */
  const currentFrom = (payer: Payer) => () => {
    const state = now()
    return state.step === 'signed-in' && state.payer.username === payer.username ? state.payer : payer
  }

  function leaving(): (closed: string) => Promise<void> {
    const isHere = stillHere()
    return async (closed) => {
      if (!isHere()) return
      await push.leave()
      send({ type: 'signed-out', names: await device.names(), notice: null, closed })
      await prepare().catch(() => undefined)
    }
  }

  const relyingPartyId = async () => (await configuration()).relyingParty.id
  return {
    flow: run,
    install: tools.install,
    push,
    nowMs,
    activity: () => activityRun({ ...tools, lastSeen: seen, signedOut: ending('session-missing') }),
    limits: (payer, card) => limitsRun(tools, relyingPartyId, payer, card, ending('session-missing')),
    passkeys: (payer) => passkeyRun(tools, configuration, currentFrom(payer), readAgain, ending(null)),
    account: (payer) =>
      accountRun({ ...tools, lastSeen: seen }, configuration, currentFrom(payer), ending(null), leaving()),
    recovery: (payer) => recoveryRun(tools, configuration, currentFrom(payer), ending(null)),
    undoRecovery: (credentialId) =>
      undoRecoveryRun(tools, configuration, credentialId, (payer) => send({ type: 'signed-in', payer })),
    leaveTaken: () => signedOut(null),
    seenBefore: (name) => lastSeen.of(name.username),
    cards: cardRun(tools, run, relyingPartyId, () => signedOut('session-missing'), stillHere),
    read,
    readAgain,
    signIn,
    signOut,
    async forget(name) {
      await Promise.all([device.forget(name.username), lastSeen.forget(name.username)])
      send({ type: 'forgotten', names: await device.names() })
      await tools.forget(name.username).catch(() => undefined)
    },
  }
}
