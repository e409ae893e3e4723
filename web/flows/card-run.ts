/** What somebody who is signed in does with a card. */
import type { CardId } from '../../shared/identifiers.ts'
import type { IntentFor } from '../../shared/intent.ts'
import type { Card, Payer } from '../../shared/wire/payment-api.ts'
import type { Assertion } from '../doors/passkey.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import type { Flow } from './flow.ts'
import { DoorError, isAnswerLost, noticeOf } from './notice.ts'
import { credentialIdsOfPayer } from './pay-flow.ts'
import { rememberPayer, type Tools } from './pay-run.ts'
import { type Prepared, prepared } from './prepare.ts'
import type { CardAct, WalletEvent, WalletFlow } from './wallet-flow.ts'

export type CardRun = {
  freeze(card: CardId): Promise<void>
  unfreeze(card: CardId): Promise<void>
  prefer(card: CardId): Promise<void>
  name(card: CardId, nickname: string): Promise<void>
  remove(card: CardId): Promise<void>
  /** The person says that the bank has heard from them. */
  ask(card: CardId): Promise<void>
  /** They opened the wallet, or came back to it: the bank may have heard from them. Asks without a word. */
  askAboutAll(): Promise<void>
}

/** Whether a card is as it was to be, or is not there any more. */
type IsDone = (kept: Card | undefined) => boolean
const isFrozen: IsDone = (kept) => kept?.isFrozen === true
const isUnfrozen: IsDone = (kept) => kept?.isFrozen === false
const isGone: IsDone = (kept) => kept === undefined
const isFirst: IsDone = (kept) => kept?.isDefault === true

/** @returns whether whoever is signed in now is there still, whenever it is asked */
export type StillHere = () => () => boolean

type CardTools = Tools & { readonly wallet: WalletClient }

/** @param signedOut what to do where the session is over */
export function cardRun(
  tools: CardTools,
  { now, send }: Flow<WalletFlow, WalletEvent>,
  relyingPartyId: () => Promise<string>,
  signedOut: () => Promise<void>,
  stillHere: StillHere,
): CardRun {
  const { client, wallet, passkey, device, nowMs } = tools

  async function act(
    name: CardAct,
    card: CardId,
    change: (payer: Payer) => Promise<Payer>,
    isDone: IsDone = () => false,
  ): Promise<void> {
    const state = now()
    if (state.step !== 'signed-in' || state.doing !== null) return
    const isHere = stillHere()
    send({ type: 'doing', act: name, card })
    try {
      const payer = await change(state.payer).catch((error: unknown) => changed(error, card, isDone))
      if (!isHere()) return
      await rememberPayer(device, payer, nowMs())
      if (isHere()) send({ type: 'done', payer })
    } catch (error) {
      if (!isHere()) return
      const notice = noticeOf(error)
      if (notice === 'session-missing') await signedOut()
      else send({ type: 'card-failed', notice, card })
    }
  }

  /** Where the answer got lost: what became of it is read, never guessed. */
  async function changed(error: unknown, card: CardId, isDone: IsDone): Promise<Payer> {
    const payer = isAnswerLost(error) ? await client.session().catch(() => null) : null
    if (payer === null || !isDone(payer.cards.find(({ id }) => id === card))) throw error
    return payer
  }

  /** The passkey signs for this card, and what it signs was read here first. */
  async function sign<I extends IntentFor<'unfreeze-card'> | IntentFor<'remove-card'>>(
    payer: Payer,
    { intent, challenge }: Prepared<I>,
  ): Promise<{ intent: I; response: Assertion }> {
    const credentialIds = credentialIdsOfPayer(payer)
    const relyingParty = await relyingPartyId()
    if (now().step !== 'signed-in') throw new DoorError('passkey-dismissed')
    const response = await passkey.confirm({ challenge, relyingPartyId: relyingParty, credentialIds })
    return { intent, response }
  }

  async function unfreeze(payer: Payer, card: CardId): Promise<Payer> {
    const { intent } = await wallet.unfreezeIntent(card)
    return wallet.unfreeze(card, await sign(payer, await prepared('unfreeze-card', intent, intent.card === card)))
  }

  async function remove(payer: Payer, card: CardId): Promise<Payer> {
    const { intent } = await wallet.removalIntent(card)
    const ready = await prepared('remove-card', intent, intent.card === card)
    // They want to keep it after all.
    if (!isBeingRemoved(card)) return payer
    return wallet.remove(card, await sign(payer, ready))
  }

  function isBeingRemoved(card: CardId): boolean {
    const state = now()
    return state.step === 'signed-in' && state.open === card && state.isRemoving
  }

  return {
    freeze: (card) => act('freezing', card, () => wallet.freeze(card), isFrozen),
    unfreeze: (card) => act('touching', card, (payer) => unfreeze(payer, card), isUnfrozen),
    remove: (card) => act('touching', card, (payer) => remove(payer, card), isGone),
    prefer: (card) => act('preferring', card, () => wallet.prefer(card), isFirst),
    name: (card, nickname) => act('naming', card, () => wallet.name(card, nickname)),
    ask: (card) => act('asking', card, () => wallet.standing(card)),
    async askAboutAll() {
      const state = now()
      if (state.step !== 'signed-in' || state.doing !== null) return
      // Over by the clock is not over by what the bank has heard: they may have said yes in time, and come back only now.
      const unsaid = state.payer.cards.filter(({ confirmation }) => confirmation && confirmation.state !== 'denied')
      for (const { id } of unsaid) {
        const before = now()
        if (before.step !== 'signed-in' || before.doing !== null) return
        const payer = await wallet.standing(id).catch(() => null)
        // What was done meanwhile is newer than this answer.
        if (payer !== null && now() === before) send({ type: 'done', payer })
      }
    },
  }
}
