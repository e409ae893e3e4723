import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { type Currency, decimalText } from '../../shared/money.ts'
import { Problem } from '../../shared/problem.ts'
import type { statementAnswer } from '../../shared/wire/bank-api.ts'
import type { Clock } from '../runtime/room.ts'
import type { BankClient } from './bank-client.ts'
import type { PaymentTables } from './schema.ts'

/** One thing about one authorization on which the bank's books and ours do not agree. In words for people. */
export type Difference = {
  readonly reference: string
  readonly about: 'state' | 'amount' | 'captured' | 'refunded' | 'set aside'
  readonly ours: string
  readonly banks: string
}
export type Comparison = { readonly compared: number; readonly differences: readonly Difference[] }

type BankEntry = z.output<typeof statementAnswer>['entries'][number]
type OurEntry = Awaited<ReturnType<ReturnType<typeof selectEntries>['executeTakeFirstOrThrow']>>

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
      differences.push(...missing.map(({ reference }) => stateDiffers(reference, 'approved', nothing)))
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

const selectEntries = (db: Kysely<PaymentTables>) =>
  db
    .selectFrom('authorization')
    .innerJoin('payment', 'payment.id', 'authorization.payment_id')
    .select(['authorization.reference', 'authorization.approval_code', 'authorization.next_inquiry_at_ms'])
    .select(['payment.state', 'payment.amount_minor', 'payment.currency', 'payment.captured_minor'])
    .select(['payment.capturing_minor', 'payment.refunded_minor', 'payment.refunding_minor'])
    .select(['payment.is_releasing', 'payment.held_until_ms'])

const nothing = 'nothing'
const stateDiffers = (reference: string, ours: string, banks: string): Difference => ({
  reference,
  about: 'state',
  ours,
  banks,
})

/** @param ours undefined where we have never heard of it */
function differencesIn(ours: OurEntry | undefined, banks: BankEntry, nowMs: number): Difference[] {
  const { reference } = banks
  if (ours === undefined) return [stateDiffers(reference, nothing, banks.state)]
  // Nobody has told us yet what the bank decided: that is unknown, and not a difference.
  if (ours.next_inquiry_at_ms !== null) return []
  // What we count as declined the bank may have declined, reversed or never seen.
  const isApproved = ours.approval_code !== null
  if (isApproved !== (banks.state === 'approved')) {
    return [stateDiffers(reference, isApproved ? 'approved' : 'declined', banks.state)]
  }
  return isApproved ? amountDifferences(ours, banks, nowMs) : []
}

function amountDifferences(ours: OurEntry, banks: BankEntry, nowMs: number): Difference[] {
  const { amount_minor, captured_minor, capturing_minor, refunded_minor, refunding_minor } = ours
  const heldMinor = ours.state === 'authorized' ? amount_minor - captured_minor : 0
  const mayBeReleased = ours.is_releasing === 1 || (ours.held_until_ms !== null && ours.held_until_ms <= nowMs)
  const leastHeldMinor = mayBeReleased ? 0 : heldMinor - capturing_minor
  const { currency } = banks.amount
  // What was asked of the bank and not answered may be in its books already.
  const compared = [
    ['amount', amount_minor, amount_minor, banks.amount.minor],
    ['captured', captured_minor, captured_minor + capturing_minor, banks.capturedMinor],
    ['refunded', refunded_minor, refunded_minor + refunding_minor, banks.refundedMinor],
    ['set aside', leastHeldMinor, heldMinor, banks.heldMinor],
  ] as const
  if (ours.currency !== currency) {
    return [{ reference: banks.reference, about: 'amount', ours: ours.currency, banks: currency }]
  }
  return compared
    .filter(([, leastMinor, mostMinor, minor]) => minor < leastMinor || minor > mostMinor)
    .map(([about, leastMinor, mostMinor, minor]) => ({
      reference: banks.reference,
      about,
      ours: rangeText(leastMinor, mostMinor, currency),
      banks: rangeText(minor, minor, currency),
    }))
}

function rangeText(leastMinor: number, mostMinor: number, currency: Currency): string {
  const least = decimalText({ minor: leastMinor, currency })
  const most = decimalText({ minor: mostMinor, currency })
  return `${least === most ? least : `${least} to ${most}`} ${currency}`
}
