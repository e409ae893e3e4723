import type { PayerId } from '../../shared/identifiers.ts'
import type { AccountExport, ActivityEntry } from '../../shared/wire/payment-api.ts'
import type { Clock } from '../runtime/room.ts'
import type { ActivityReader } from './activity.ts'
import { keeperOf } from './identity/keepers.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'
import type { SubscriptionStore } from './push/subscription-store.ts'
import type { CardStore } from './retrieval/card-store.ts'

/** Writes down for a payer what is kept of them (GDPR article 20). */
export function accountExporter(tools: {
  payers: PayerStore
  passkeys: PasskeyStore
  cards: CardStore
  activity: ActivityReader
  subscriptions: SubscriptionStore
  clock: Clock
}) {
  const { payers, passkeys, cards, activity, subscriptions, clock } = tools

  async function everyPayment(payer: PayerId): Promise<ActivityEntry[]> {
    const payments: ActivityEntry[] = []
    let before: string | undefined
    for (;;) {
      const page = await activity.page(payer, before === undefined ? {} : { before })
      payments.push(...page.payments)
      if (page.next === null) return payments
      before = page.next
    }
  }

  return async (payer: PayerId): Promise<AccountExport> => ({
    exportedAt: timeOf(clock.nowMs()),
    name: { ...(await payers.nameOf(payer)), createdAt: timeOf(await payers.createdAtMsOf(payer)) },
    passkeys: (await passkeys.list(payer)).map(({ nickname, aaguid, createdAtMs, lastUsedAtMs, isBackedUp }) => ({
      nickname,
      keeper: keeperOf(aaguid),
      createdAt: timeOf(createdAtMs),
      lastUsedAt: lastUsedAtMs === null ? null : timeOf(lastUsedAtMs),
      isSynced: isBackedUp,
    })),
    cards: (await cards.cardsOf(payer)).map(({ face, nickname, isFrozen }) => ({ ...face, nickname, isFrozen })),
    notifications: (await subscriptions.list(payer)).map(({ target, locale, createdAtMs }) => ({
      pushService: new URL(target.endpoint).host,
      language: locale,
      since: timeOf(createdAtMs),
    })),
    payments: (await everyPayment(payer)).map(({ atMs, ...payment }) => ({ ...payment, at: timeOf(atMs) })),
  })
}
export type Exporter = ReturnType<typeof accountExporter>

const timeOf = (atMs: number): string => new Date(atMs).toISOString()
