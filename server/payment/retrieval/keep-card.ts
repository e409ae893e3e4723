import type { SealedCard } from '../../../shared/card.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import { passkeyThumbprint } from '../../../shared/passkey.ts'
import { Problem } from '../../../shared/problem.ts'
import type { PinnedPasskey } from '../../../shared/wire/bank-api.ts'
import type { Clock } from '../../runtime/room.ts'
import type { BankClient } from '../bank-client.ts'
import { failureLimit } from '../failure-limit.ts'
import type { ProvenCardholder } from '../identity/prove.ts'
import type { Pseudonyms } from '../identity/pseudonym.ts'
import type { PasskeyWishStore } from '../passkey-wish-store.ts'
import type { CardStore } from './card-store.ts'
import type { CardLimitStore } from './limit-store.ts'

/** A card that the bank refuses may be a code that is being guessed: after so many, nothing more is learned for so long. */
const refusalLimit = { failuresMax: 5, forgottenAfterMs: 60 * 60_000 }

/** Adds a card at the bank and keeps the record the bank makes of it. */
export function cardKeeper(tools: {
  bank: BankClient
  cards: CardStore
  limits: Pick<CardLimitStore, 'keep'>
  pseudonyms: Pseudonyms
  clock: Clock
  /** All that may pay with the card: the payer's device has sealed it for just these. */
  passkeysOf: (payer: PayerId) => Promise<PinnedPasskey[]>
  passkeyWishes: Pick<PasskeyWishStore, 'wishAgain'>
}) {
  const { bank, cards, limits, pseudonyms, clock, passkeysOf, passkeyWishes } = tools
  const refusals = failureLimit(clock, refusalLimit)

  /**
   * The seal holds the printed code, so it passes through memory only (PCI DSS 4.0.1 §3.3.1).
   * @param payer proof that the payer signed for the seal, in an intent of its own or in the first payment with it
   * @throws {Problem} `passkey-refused` where the passkey was taken away meanwhile; `bank-unreachable`: the same seal may be sent again; `card-refused`, with the bank's reason as `detail`;
   *   `too-many-requests` from a payer who was refused too often, whatever this card is
   */
  return async function keepCard(payer: ProvenCardholder, sealed: SealedCard): Promise<void> {
    const { card } = payer.evidence.intent
    refusals.assertNotPaused(payer.id)
    // Counted before the bank is asked, so that trying all codes at once is no way around.
    refusals.count(payer.id)
    const passkeys = await passkeysOf(payer.id)
    const reply = await bank.enrol({
      card,
      payer: pseudonyms.towardsBank(payer.id),
      sealed,
      passkeys,
      evidence: payer.evidence,
    })
    if (reply?.body.outcome !== 'refused') refusals.takeBack(payer.id)
    if (reply === null) throw new Problem('bank-unreachable')
    if (reply.body.outcome === 'refused') throw new Problem('card-refused', { detail: reply.body.reason })
    const { face, record, standing, confirmation } = reply.body
    await cards.keep(payer.id, { id: card, face, record, confirmation: confirmation ?? null })
    if (standing.limits !== null) await limits.keep(card, standing)
    const now = await passkeysOf(payer.id)
    if (!isAmong(now, payer.passkey)) return giveUp(payer.id, card)
    await bindLatecomers(payer.id, now, passkeys)
  }

  /** Its passkey was taken away while the bank was thinking: it adds nothing more, and the bank is told. */
  async function giveUp(payer: PayerId, card: CardId): Promise<never> {
    await cards.remove(payer, card).catch((error: unknown) => {
      // Whoever took the passkey away may have taken the card as well.
      if (!(error instanceof Problem)) throw error
    })
    throw new Problem('passkey-refused')
  }

  /** A passkey that was added while the bank was thinking is not bound to this card, and whoever bound it did not see this card. */
  async function bindLatecomers(
    payer: PayerId,
    now: readonly PinnedPasskey[],
    bound: readonly PinnedPasskey[],
  ): Promise<void> {
    for (const passkey of now) {
      if (!isAmong(bound, passkey)) await passkeyWishes.wishAgain(payer, await passkeyThumbprint(passkey.publicKey))
    }
  }
}
const isAmong = (passkeys: readonly PinnedPasskey[], { credentialId }: PinnedPasskey): boolean =>
  passkeys.some((passkey) => passkey.credentialId === credentialId)

export type KeepCard = ReturnType<typeof cardKeeper>
