import { base64url } from '../../shared/bytes.ts'
import type { AuthenticationResponse, RegistrationResponse } from '../../shared/evidence.ts'
import { type CredentialId, identifier, identifierRandomBytes, type PayerId } from '../../shared/identifiers.ts'
import { challengeOf, type RecoverIntent, type UndoRecoveryIntent } from '../../shared/intent.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import { Problem } from '../../shared/problem.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import type { NameRecovery } from '../../shared/wire/payment-api.ts'
import { isUniqueViolation } from '../runtime/database.ts'
import { forEachDue } from '../runtime/each-due.ts'
import { rateLimiter } from '../runtime/http.ts'
import { type RelyingParty, verifyRegistration } from '../runtime/passkey.ts'
import type { Clock, Log, RandomBytes, Stop } from '../runtime/room.ts'
import type { BankClient } from './bank-client.ts'
import type { Intents } from './identity/challenge.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'
import type { Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import { type KeptRecovery, type RecoveredNameStore, thumbprintOf } from './identity/recovered-name-store.ts'
import type { LossReporter } from './report-loss.ts'
import type { CardStore, Confirmation, KeptCard } from './retrieval/card-store.ts'
import type { BankTeller } from './retrieval/tell-bank.ts'
import type { PasskeyTeller } from './tell-passkeys.ts'

type Claim = { readonly username: string; readonly code: string }
type Made = { readonly intent: RecoverIntent; readonly response: RegistrationResponse }
type Undoing = { readonly intent: UndoRecoveryIntent; readonly response: AuthenticationResponse }
type AskedCard = Extract<NameRecovery, { state: 'pending' }>['cards'][number]

const secretBytes = 16
const recoveriesAtOnce = 20
/** A device that waits asks by itself, and sooner: this is for the one that was closed. */
const askAgainAfterMs = 60_000
/** Nobody loses their phone so often. */
const attemptLimit = { burst: 5, perMinute: 1 }

/**
 * Gets a name back after every passkey is lost. Name and code let a device make a new passkey, which is worth nothing by itself: the bank asks the
 * cardholder, on its own page, whether that passkey takes over the card. Only the bank's word gives the name. A name without a card has nothing
 * that anybody could be robbed of, and nobody to ask: there the code alone is enough.
 */
export function nameRecoverer(tools: {
  recoveries: RecoveredNameStore
  losses: Pick<LossReporter, 'report' | 'holderOf'>
  cards: CardStore
  passkeys: PasskeyStore
  payers: PayerStore
  bank: BankClient
  tellPasskeys: PasskeyTeller
  tellBank: Pick<BankTeller, 'tellAbout'>
  intents: Intents
  prove: Prover
  pseudonyms: Pseudonyms
  relyingParty: RelyingParty
  clock: Clock
  random: RandomBytes
  log: Log
}) {
  const { recoveries, losses, cards, passkeys, payers, bank, tellPasskeys, intents, prove, pseudonyms } = tools
  const { tellBank, relyingParty, clock, random, log } = tools
  const attempts = rateLimiter(clock, attemptLimit)

  const agreement = async (payer: PayerId) =>
    ({
      purpose: 'recover',
      payer: pseudonyms.towardsBank(payer),
      userHandle: await payers.userHandleOf(payer),
    }) as const

  const undoing = ({ id, payer }: KeptRecovery) =>
    ({ purpose: 'undo-recovery', payer: pseudonyms.towardsBank(payer), recovery: id }) as const

  /** What the bank says of one card; null where it is out of reach. */
  async function ask({ id, payer, passkey }: KeptRecovery, card: KeptCard) {
    const { credentialId, publicKey, isBackupEligible } = passkey
    const pinned = { credentialId, publicKey, isBackupEligible }
    const name = pseudonyms.towardsBank(payer)
    const reply = await bank.recover({ recovery: id, card: card.id, payer: name, passkey: pinned })
    return reply?.body ?? null
  }

  /** Asks about every card, and does what the bank's word makes true. */
  async function askAboutAll(kept: KeptRecovery): Promise<AskedCard[]> {
    const asked: AskedCard[] = []
    const afterwards: { card: KeptCard; confirmation: Confirmation }[] = []
    let recoveredAtMs: number | null = null
    let isAnswered = true
    for (const card of await cards.cardsOf(kept.payer)) {
      // A bank that hangs is waited for once.
      const said = isAnswered ? await ask(kept, card) : null
      const { id, face } = card
      if (said === null) {
        isAnswered = false
        asked.push({ id, face, state: 'unasked' })
        continue
      }
      const state = said.outcome === 'refused' ? 'lapsed' : said.state
      const confirmation = said.outcome === 'refused' ? undefined : said.confirmation
      if (said.outcome === 'recovery') recoveredAtMs ??= said.recoveredAtMs
      asked.push(state === 'awaited' && confirmation ? { id, face, state, confirmation } : { id, face, state })
      if (state === 'confirmed') continue
      const word: Confirmation =
        state === 'awaited' && confirmation
          ? { state, ...confirmation }
          : { state: state === 'denied' ? state : 'lapsed' }
      afterwards.push({ card, confirmation: word })
    }
    if (recoveredAtMs !== null) {
      // A card that was not confirmed pays nothing by the new passkey: its payer sees why.
      for (const { card, confirmation } of afterwards) await cards.keepConfirmation(kept.payer, card.id, confirmation)
      await recovered(kept, recoveredAtMs)
    } else if (isAnswered && asked.every(({ state }) => state === 'denied' || state === 'lapsed')) {
      await recoveries.giveUp(kept)
    }
    return asked
  }

  /** What the bank wanted to hear about the new passkey, it wants to hear no more; what it asked when a card was added, it still does. */
  async function forgetQuestions(payer: PayerId): Promise<void> {
    for (const { id, confirmation } of await cards.cardsOf(payer)) {
      if (confirmation === null) continue
      const reply = await bank.standing({ card: id })
      if (reply === null) return
      const isAsked = reply.body.outcome === 'refused' || !isSaid.has(reply.body.confirmation)
      if (!isAsked) await cards.keepConfirmation(payer, id, null)
    }
  }

  /** Whoever had the name meanwhile has added cards: they are none of its owner's. */
  async function clear(undone: KeptRecovery): Promise<void> {
    const { payer, taken } = undone
    const removed = taken === null ? [] : await cards.removeAll(payer, taken)
    await recoveries.markCleared(undone)
    for (const card of removed) await tellBank.tellAbout(card)
  }

  /** Nothing kept its passkey from being taken by another name since it was made: then it can have no second one. */
  async function recovered(kept: KeptRecovery, atMs: number): Promise<void> {
    try {
      await recoveries.recover(kept, atMs)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      log.warn('recovery-passkey-taken', {})
      await recoveries.giveUp(kept)
    }
  }

  async function standing(secret: string): Promise<NameRecovery> {
    const kept = await recoveries.bySecret(secret)
    if (kept === null) return { state: 'over' }
    const asked = kept.state === 'pending' ? await askAboutAll(kept) : []
    const now = await recoveries.bySecret(secret)
    if (now?.state === 'recovered' && now.recoveredAtMs !== null) {
      const { recoveredAtMs } = now
      return { state: 'recovered', recoveredAtMs, heldUntilMs: recoveredAtMs + recoveryHoldMs }
    }
    if (now?.state !== 'pending') return { state: 'over' }
    return { state: 'pending', passkey: await thumbprintOf(now), cards: asked }
  }

  return {
    /**
     * Who shows the code freezes every card and ends every session before anything else, and once: without this intent nothing goes on.
     * @throws {Problem} `recovery-refused`, alike for a name nobody has; `name-held`
     */
    async offer({ username, code }: Claim): Promise<RecoverIntent> {
      const payer = await losses.report(username, code)
      await recoveries.assertNotHeld(payer)
      return intents.issue(await agreement(payer))
    },

    /**
     * A device of somebody who has lost all others has made a passkey.
     * @returns the secret by which it asks how it stands
     * @throws {Problem} `recovery-refused`, `name-held`, `intent-…`, `passkey-refused`, `passkey-taken`, `too-many-requests`
     */
    async begin(claim: Claim, { intent, response }: Made): Promise<{ secret: string; standing: NameRecovery }> {
      const payer = await losses.holderOf(claim.username, claim.code)
      await recoveries.assertNotHeld(payer)
      attempts.take(payer)
      await intents.takeBack(intent, await agreement(payer))
      const passkey = await verifyRegistration({ response, challenge: await challengeOf(intent), relyingParty })
      if (await passkeys.isKept(passkey.credentialId)) throw new Problem('passkey-taken')
      const secret = base64url(random(secretBytes))
      const id = identifier('recovery', random(identifierRandomBytes))
      const isBare = (await cards.idsOf(payer)).length === 0
      const kept = await recoveries.begin(id, payer, secret, passkey)
      if (isBare) await recovered(kept, clock.nowMs())
      return { secret, standing: await standing(secret) }
    },

    /** For the device that has made the passkey: asks the bank what the cardholder has said. */
    standing,

    /**
     * For a passkey of before, which signs in no more.
     * @throws {Problem} `recovery-over`
     */
    async offerUndoing(credential: CredentialId) {
      const kept = await recoveries.undoableBy(credential)
      if (kept === null || kept.recoveredAtMs === null) throw new Problem('recovery-over')
      return { intent: intents.issue(undoing(kept)), recoveredAtMs: kept.recoveredAtMs }
    },

    /** @returns whose name it is again. @throws {Problem} `recovery-over`, `intent-…`, `passkey-refused` */
    async undo(signed: Undoing): Promise<PayerId> {
      const kept = await recoveries.undoableBy(signed.response.id)
      if (kept === null) throw new Problem('recovery-over')
      const { evidence, passkey } = await prove.recoveryUndoing(kept.payer, signed, undoing(kept))
      // A bank that does not take this passkey's word keeps the cards from everybody, whatever is undone here. One that is away hears it later.
      const name = pseudonyms.towardsBank(kept.payer)
      const said = await bank.undo({ payer: name, recovery: kept.id, evidence })
      if (said?.body.outcome === 'refused') throw new Problem('recovery-over')
      await clear(await recoveries.undo(kept, await passkeyThumbprint(passkey.publicKey), evidence))
      await tellPasskeys.tellAbout(kept.payer)
      await forgetQuestions(kept.payer)
      return kept.payer
    },

    async askDue(stop: Stop): Promise<void> {
      const act = async (kept: KeptRecovery): Promise<void> => {
        if (kept.state === 'undone') return clear(kept)
        if (kept.state === 'recovered') {
          await recoveries.finish(kept)
          await tellPasskeys.tellAbout(kept.payer)
          return
        }
        await recoveries.putOff(kept, clock.nowMs() + askAgainAfterMs)
        await askAboutAll(kept)
      }
      await forEachDue(await recoveries.due(recoveriesAtOnce), log, act, stop)
    },
  }
}
/** Then nothing about how the card was added is left to be heard. */
const isSaid: ReadonlySet<string> = new Set(['not-asked', 'confirmed'])

export type NameRecoverer = ReturnType<typeof nameRecoverer>
