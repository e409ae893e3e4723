import { limitsInForce } from '../../shared/card-limits.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import type { AccountExport, ActivityEntry } from '../../shared/wire/payment-api.ts'
import type { Clock } from '../runtime/room.ts'
import type { ActivityReader } from './activity.ts'
import type { InvitationStore } from './identity/invitation-store.ts'
import { keeperOf } from './identity/keepers.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'
import type { RecoveredNameStore } from './identity/recovered-name-store.ts'
import type { RecoveryStore } from './identity/recovery-store.ts'
import type { Sessions } from './identity/session.ts'
import type { SubscriptionStore } from './push/subscription-store.ts'
import type { CardStore, KeptCard } from './retrieval/card-store.ts'
import type { CardLimitStore } from './retrieval/limit-store.ts'

/** Writes down for a payer what is kept of them (GDPR article 20). */
export function accountExporter(tools: {
  payers: Pick<PayerStore, 'nameOf' | 'createdAtMsOf'>
  passkeys: Pick<PasskeyStore, 'list'>
  cards: Pick<CardStore, 'cardsOf'>
  limits: Pick<CardLimitStore, 'of'>
  codes: Pick<RecoveryStore, 'madeAtMs'>
  recoveries: Pick<RecoveredNameStore, 'list'>
  sessions: Pick<Sessions, 'list'>
  invitations: Pick<InvitationStore, 'ofPayer'>
  activity: Pick<ActivityReader, 'page'>
  subscriptions: Pick<SubscriptionStore, 'list'>
  /** The issuer of the cards, as people know it. */
  bank: string
  clock: Clock
}) {
  const { payers, passkeys, cards, limits, codes, recoveries, sessions, invitations, subscriptions, clock } = tools

  async function everyPayment(payer: PayerId): Promise<ActivityEntry[]> {
    const payments: ActivityEntry[] = []
    let before: string | undefined
    for (;;) {
      const page = await tools.activity.page(payer, before === undefined ? {} : { before })
      payments.push(...page.payments)
      if (page.next === null) return payments
      before = page.next
    }
  }

  async function cardOf(payer: PayerId, card: KeptCard): Promise<AccountExport['cards'][number]> {
    const { kept } = await limits.of(payer, card.id).catch(ofNone)
    const nowMs = clock.nowMs()
    const pending = kept?.pending ?? null
    const isAwaited = pending !== null && pending.fullFromMs > nowMs
    return {
      ...card.face,
      bank: tools.bank,
      addedAt: timeOf(card.addedAtMs),
      nickname: card.nickname,
      isFrozen: card.isFrozen,
      confirmation: card.confirmation?.state ?? null,
      limits: kept === null ? null : limitsInForce(kept, nowMs),
      raise: isAwaited ? { limits: pending.limits, holdsFrom: timeOf(pending.fullFromMs) } : null,
    }
  }

  async function passkeysOf(payer: PayerId): Promise<AccountExport['passkeys']> {
    return (await passkeys.list(payer)).map(({ nickname, aaguid, createdAtMs, lastUsedAtMs, isBackedUp }) => ({
      nickname,
      keeper: keeperOf(aaguid),
      createdAt: timeOf(createdAtMs),
      lastUsedAt: timeOrNull(lastUsedAtMs),
      isSynced: isBackedUp,
    }))
  }

  async function recoveryOf(payer: PayerId): Promise<AccountExport['recovery']> {
    return {
      codeMadeAt: timeOrNull(await codes.madeAtMs(payer)),
      attempts: (await recoveries.list(payer)).map(({ state, started_at_ms, recovered_at_ms }) => ({
        startedAt: timeOf(started_at_ms),
        recoveredAt: timeOrNull(recovered_at_ms),
        state,
      })),
    }
  }

  async function invitationOf(payer: PayerId): Promise<AccountExport['invitation']> {
    const kept = await invitations.ofPayer(payer)
    return kept === null ? null : { until: timeOf(kept.expiresAtMs), isUsed: kept.made !== null }
  }

  return async (payer: PayerId): Promise<AccountExport> => ({
    exportedAt: timeOf(clock.nowMs()),
    name: { ...(await payers.nameOf(payer)), createdAt: timeOf(await payers.createdAtMsOf(payer)) },
    passkeys: await passkeysOf(payer),
    cards: await Promise.all((await cards.cardsOf(payer)).map((card) => cardOf(payer, card))),
    recovery: await recoveryOf(payer),
    sessions: (await sessions.list(payer)).map(({ created_at_ms, used_at_ms }) => ({
      since: timeOf(created_at_ms),
      lastUsedAt: timeOf(used_at_ms),
    })),
    invitation: await invitationOf(payer),
    notifications: (await subscriptions.list(payer)).map(({ target, locale, createdAtMs }) => ({
      pushService: new URL(target.endpoint).host,
      language: locale,
      since: timeOf(createdAtMs),
    })),
    payments: (await everyPayment(payer)).map(({ atMs, ...payment }) => ({ ...payment, at: timeOf(atMs) })),
  })
}
export type Exporter = ReturnType<typeof accountExporter>

/** It was removed while it was being written down. */
function ofNone(error: unknown): { readonly kept: null } {
  if (error instanceof Problem && error.code === 'card-unknown') return { kept: null }
  throw error
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString()
const timeOrNull = (atMs: number | null): string | null => (atMs === null ? null : timeOf(atMs))
