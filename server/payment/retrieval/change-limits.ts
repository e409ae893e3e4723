import {
  areSameLimits,
  isRaise,
  limitsInForce,
  lowerLimits,
  raiseWaitsMs,
  someLimits,
} from '../../../shared/card-limits.ts'
import type { AuthenticationResponse } from '../../../shared/evidence.ts'
import type { CardId, PayerId } from '../../../shared/identifiers.ts'
import type { SetLimitIntent } from '../../../shared/intent.ts'
import { passkeyThumbprint } from '../../../shared/passkey.ts'
import { Problem } from '../../../shared/problem.ts'
import { recoveryHoldMs } from '../../../shared/recovery.ts'
import type { CardLimits } from '../../../shared/wire/intent-schema.ts'
import type { Allowance } from '../../../shared/wire/payment-api.ts'
import type { Clock } from '../../runtime/room.ts'
import type { BankClient } from '../bank-client.ts'
import type { Intents } from '../identity/challenge.ts'
import type { Prover } from '../identity/prove.ts'
import type { Pseudonyms } from '../identity/pseudonym.ts'
import type { RecoveredNameStore } from '../identity/recovered-name-store.ts'
import type { SpentOn } from '../spent-on.ts'
import type { CardStore } from './card-store.ts'
import type { CardLimitStore, KeptLimits } from './limit-store.ts'
import type { BankTeller } from './tell-bank.ts'

/**
 * What a payer who is signed in does with the limits of a card. The passkey signs each change. What lowers holds here at once, whether or
 * not the bank has heard of it; what raises holds once the bank says so, or a day later.
 */
export function limitChanger(tools: {
  cards: Pick<CardStore, 'recordOf'>
  limits: CardLimitStore
  tellBank: BankTeller
  bank: BankClient
  intents: Intents
  prove: Prover
  pseudonyms: Pseudonyms
  /** What this room itself has seen spent. */
  spentOn: SpentOn
  recoveries: Pick<RecoveredNameStore, 'assertNotHeld' | 'heldOf'>
  clock: Clock
}) {
  const { cards, limits, tellBank, bank, intents, prove, pseudonyms, spentOn, recoveries, clock } = tools

  const agreement = (payer: PayerId, card: CardId, change: number, asked: CardLimits) =>
    ({ purpose: 'set-limit', card, payer: pseudonyms.towardsBank(payer), change, limits: asked }) as const

  /** After a recovery, limits are lowered alone for a while. @throws {Problem} `name-held` */
  async function assertMayChange(payer: PayerId, kept: KeptLimits | null, asked: CardLimits): Promise<void> {
    if (isRaise(limitsInForce(kept ?? nothingKnown, clock.nowMs()), asked)) await recoveries.assertNotHeld(payer)
  }

  /** @param payer whose card it is. @throws {Problem} `card-unknown` */
  async function standingOf(payer: PayerId, card: CardId): Promise<Allowance> {
    await limits.of(payer, card)
    const record = await cards.recordOf(card)
    const reply = record === null ? null : await bank.allowance({ card, record })
    const said = reply?.body.outcome === 'allowance' ? reply.body : null
    if (said !== null) await limits.keep(card, said)
    const { kept, isToldToBank } = await limits.of(payer, card)
    const nowMs = clock.nowMs()
    const standing = kept ?? nothingKnown
    const inForce = limitsInForce(standing, nowMs)
    const isPending = standing.pending !== null && standing.pending.fullFromMs > nowMs
    return {
      change: standing.change,
      limits: inForce,
      pending: isPending ? standing.pending : null,
      // Of a bank that is out of reach we know what we have seen ourselves.
      spent: said?.spent ?? (await ownSpent(payer, card, inForce)),
      longBound: said?.longBound ?? [],
      isToldToBank,
      heldUntilMs: await heldUntilMs(payer),
      nowMs,
    }
  }

  async function heldUntilMs(payer: PayerId): Promise<number | null> {
    const atMs = (await recoveries.heldOf(payer))?.recoveredAtMs ?? null
    return atMs === null ? null : atMs + recoveryHoldMs
  }

  async function ownSpent(payer: PayerId, card: CardId, inForce: CardLimits | null): Promise<Allowance['spent']> {
    if (inForce === null) return []
    const { currency } = inForce
    return [{ currency, ...(await spentOn({ payer, card, currency, nowMs: clock.nowMs() })) }]
  }

  /** What holds here from now on, before the bank has said anything: the lower of old and new. */
  async function standingAfter(
    kept: KeptLimits | null,
    intent: SetLimitIntent,
    publicKey: string,
  ): Promise<KeptLimits> {
    const nowMs = clock.nowMs()
    const asked = someLimits(intent.limits)
    const lowered = lowerLimits(limitsInForce(kept ?? nothingKnown, nowMs), asked)
    const signedBy = await passkeyThumbprint(publicKey)
    const isAll = areSameLimits(lowered, asked)
    const pending = isAll ? null : { limits: asked, fullFromMs: nowMs + raiseWaitsMs, signedBy }
    return { change: intent.change, limits: lowered, pending }
  }

  return {
    standingOf,

    /**
     * @param isSecond for what is waited for, so that a second passkey can sign it
     * @throws {Problem} `card-unknown`; `name-held`; `limits-changed` where nothing like it is waited for
     */
    async offer(payer: PayerId, card: CardId, asked: CardLimits, isSecond: boolean): Promise<SetLimitIntent> {
      const { kept, changes } = await limits.of(payer, card)
      await assertMayChange(payer, kept, asked)
      if (isSecond && !isWaitedFor(kept, asked)) throw new Problem('limits-changed')
      return intents.issue(agreement(payer, card, isSecond && kept !== null ? kept.change : changes + 1, asked))
    },

    /** @throws {Problem} `card-unknown`, `intent-…`, `passkey-refused`, `name-held`; `limits-changed` where the card was changed meanwhile */
    async set(
      payer: PayerId,
      card: CardId,
      signed: { readonly intent: SetLimitIntent; readonly response: AuthenticationResponse },
    ): Promise<Allowance> {
      const { change, limits: asked } = signed.intent
      const { kept, changes } = await limits.of(payer, card)
      await assertMayChange(payer, kept, asked)
      const isSecond = change === kept?.change && isWaitedFor(kept, asked)
      if (!isSecond && change !== changes + 1) throw new Problem('limits-changed')
      const { evidence, passkey } = await prove.cardChange(payer, signed, agreement(payer, card, change, asked))
      const standing = isSecond ? null : await standingAfter(kept, evidence.intent, passkey.publicKey)
      if (!(await limits.change(payer, card, { evidence, standing, changes }))) throw new Problem('limits-changed')
      await tellBank.tellAbout(card)
      return standingOf(payer, card)
    },
  }
}
export type LimitChanges = ReturnType<typeof limitChanger>

const nothingKnown = { change: 0, limits: null, pending: null } as const

const isWaitedFor = (kept: KeptLimits | null, asked: CardLimits): boolean =>
  kept !== null && kept.pending !== null && areSameLimits(kept.pending.limits, someLimits(asked))
