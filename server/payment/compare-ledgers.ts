import type { Kysely } from 'kysely'
import { Problem } from '../../shared/problem.ts'
import type { Clock } from '../runtime/room.ts'
import type { BankClient } from './bank-client.ts'
import { type BankEntry, type Difference, differencesIn, missingAtBank, type OurEntry } from './differences-in.ts'
import type { PaymentTables } from './schema.ts'

export type Comparison = { readonly compared: number; readonly differences: readonly Difference[] }

type Unproven = { readonly id: string; readonly reference: string | null; readonly state: string }

const entriesAtOnce = 500

/** Compares both ledgers both ways: what the bank has and we have not, what we have and the bank has not, what both have otherwise. */
export function ledgerComparer(tools: { db: Kysely<PaymentTables>; bank: BankClient; clock: Clock }) {
  const { db, bank, clock } = tools

  /** @throws {Problem} `bank-unreachable` */
  async function* bankPages(untilMs: number): AsyncGenerator<readonly BankEntry[]> {
    let after: string | null = null
    do {
      const said: Awaited<ReturnType<BankClient['statement']>> = await bank.statement({ fromMs: 0, untilMs, after })
      if (said === null) throw new Problem('bank-unreachable')
      yield said.body.entries
      after = said.body.next
    } while (after !== null)
  }

  /** What the bank has approved, by our books. */
  async function* ourPages(untilMs: number): AsyncGenerator<readonly OurEntry[]> {
    let after: string | undefined = ''
    while (after !== undefined) {
      const page: OurEntry[] = await selectEntries(db)
        .where('authorization.approval_code', 'is not', null)
        .where('authorization.booked_at_ms', '<', untilMs)
        .where('authorization.reference', '>', after)
        .orderBy('authorization.reference')
        .limit(entriesAtOnce)
        .execute()
      yield page
      after = page.at(-1)?.reference
    }
  }

  /** What counts as paid, though no try of it was approved: nothing but a hand in the database can have made it so. */
  async function* unprovenPages(): AsyncGenerator<readonly Unproven[]> {
    let after: string | undefined = ''
    while (after !== undefined) {
      const page: Unproven[] = await db
        .selectFrom('payment')
        .leftJoin('authorization', 'authorization.reference', 'payment.authorization_reference')
        .select(['payment.id', 'payment.authorization_reference as reference', 'payment.state'])
        .where('payment.state', 'in', [...paidStates])
        .where('authorization.approval_code', 'is', null)
        .where('payment.id', '>', after)
        .orderBy('payment.id')
        .limit(entriesAtOnce)
        .execute()
      yield page
      after = page.at(-1)?.id
    }
  }

  async function ourEntriesOf(references: readonly string[]): Promise<ReadonlyMap<string, OurEntry>> {
    if (references.length === 0) return new Map()
    const rows = await selectEntries(db).where('authorization.reference', 'in', references).execute()
    return new Map(rows.map((row) => [row.reference, row]))
  }

  async function compareOnce(): Promise<Comparison> {
    // Up to and with this millisecond, by the bank's clock, whose time of a decision we have kept.
    const untilMs = clock.nowMs() + 1
    const differences: Difference[] = []
    const atBank = new Set<string>()
    for await (const page of bankPages(untilMs)) {
      const ours = await ourEntriesOf(page.map(({ reference }) => reference))
      for (const entry of page) {
        atBank.add(entry.reference)
        differences.push(...differencesIn(ours.get(entry.reference), entry, untilMs))
      }
    }
    for await (const page of ourPages(untilMs)) {
      const missing = page.filter(({ reference }) => !atBank.has(reference))
      differences.push(...missing.map(({ reference }) => missingAtBank(reference, 'approved')))
    }
    for await (const page of unprovenPages()) {
      // Those whose try the bank knows were compared with what it says of it.
      const missing = page.filter(({ reference }) => reference === null || !atBank.has(reference))
      differences.push(...missing.map(({ id, reference, state }) => missingAtBank(reference ?? id, state)))
    }
    return { compared: atBank.size, differences }
  }

  /**
   * While payments move, one ledger is read a moment after the other, so that what differs is looked at twice: it counts where it is the
   * same both times.
   * @throws {Problem} `bank-unreachable`
   */
  return async function compareLedgers(): Promise<Comparison> {
    const first = await compareOnce()
    if (first.differences.length === 0) return first
    const again = await compareOnce()
    const seenBefore = new Set(first.differences.map((difference) => JSON.stringify(difference)))
    const lasting = again.differences.filter((difference) => seenBefore.has(JSON.stringify(difference)))
    return { compared: again.compared, differences: lasting }
  }
}

const paidStates = ['authorized', 'captured', 'refunded', 'voided'] as const

const selectEntries = (db: Kysely<PaymentTables>) =>
  db
    .selectFrom('authorization')
    .innerJoin('payment', 'payment.id', 'authorization.payment_id')
    .select(['authorization.reference', 'authorization.approval_code', 'authorization.next_inquiry_at_ms'])
    .select(['payment.authorization_reference', 'payment.state', 'payment.amount_minor', 'payment.currency'])
    .select(['payment.captured_minor', 'payment.capturing_minor', 'payment.refunded_minor', 'payment.refunding_minor'])
    .select(['payment.is_releasing', 'payment.held_until_ms'])
