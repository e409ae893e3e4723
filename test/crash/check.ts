import { z } from 'zod'
import { failuresMax, type PaymentState, paymentStates } from '../../shared/payment.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { minorColumn, type Reader } from './read-only.ts'
import type { Seen, Witness } from './witness.ts'

const paymentRow = z.object({
  id: paymentIdSchema,
  state: z.enum(paymentStates),
  amount_minor: minorColumn,
  captured_minor: minorColumn,
  refunded_minor: minorColumn,
  /** Spoken for by what the bank has not answered. */
  pending_minor: minorColumn,
  authorization_reference: z.string().nullable(),
})
const decisionRow = z.object({
  reference: z.string(),
  payment: paymentIdSchema,
  amount_minor: minorColumn,
  nonce: z.string().nullable(),
  held_minor: minorColumn,
  automatic_minor: minorColumn,
  captured_minor: minorColumn,
  refunded_minor: minorColumn,
  /** What the ledger says that the payee has of it. */
  posted_minor: minorColumn,
  is_reversed: minorColumn,
})
type PaymentRow = z.output<typeof paymentRow>
type DecisionRow = z.output<typeof decisionRow>

const payments = `
  select id, state, amount_minor, captured_minor, refunded_minor, authorization_reference,
    capturing_minor + refunding_minor + is_releasing as pending_minor
  from payment`

const sumOf = (table: 'capture' | 'refund', where = '') => `cast((select coalesce(sum(amount_minor), 0) from ${table}
  where ${table}.reference = a.reference ${where}) as bigint)`
const approvals = `
  select a.reference, a.payment, a.amount_minor, n.nonce,
    ${sumOf('capture', `and name = 'automatic'`)} as automatic_minor,
    ${sumOf('capture')} as captured_minor,
    ${sumOf('refund')} as refunded_minor,
    cast((select coalesce(sum(posting.amount_minor), 0) from booking
      join posting on posting.booking = booking.id join account on account.id = posting.account
      where booking.reference = a.reference and account.kind = 'payee') as bigint) as posted_minor,
    cast(coalesce((select hold.amount_minor from hold where hold.reference = a.reference and not exists (
      select 1 from hold_release where hold_release.reference = a.reference)), 0) as bigint) as held_minor,
    (select count(*) from reversal where reversal.reference = a.reference) as is_reversed
  from "authorization" a left join consumed_nonce n on n.reference = a.reference
  where a.approval_code is not null`
const unevenBookings = `
  select booking as id from posting group by booking, currency having sum(amount_minor) <> 0`
const unanswered = `select name as id from operation where state in ('asking', 'unknown')`
const idRow = z.object({ id: z.string() })

/** In these the bank has approved a try, whatever became of the money since. */
const approvedStates: readonly PaymentState[] = ['authorized', 'captured', 'refunded', 'voided']
const openStates: readonly PaymentState[] = ['approving', 'unknown']

/**
 * Compares what payers and shop were told, what the payment server has written down and what the bank has booked, each with the others.
 * @returns a sentence for every difference
 */
export async function differencesOf({ seen }: Witness, payment: Reader, bank: Reader): Promise<string[]> {
  const ours = new Map((await payment.rows(payments, paymentRow)).map((row) => [row.id, row]))
  const approved = Map.groupBy(await bank.rows(approvals, decisionRow), (row) => row.payment)
  const ids = new Set([...seen.keys(), ...ours.keys(), ...approved.keys()])
  return [
    ...(await bank.rows(unevenBookings, idRow)).map(({ id }) => `${id} does not sum to zero`),
    ...(await payment.rows(unanswered, idRow)).map(({ id }) => `the operation ${id} has no answer`),
    ...[...ids].flatMap((id) =>
      wrongAbout(seen.get(id), ours.get(id), approved.get(id) ?? []).map((what) => `${id}: ${what}`),
    ),
  ]
}

function wrongAbout(seen: Seen | undefined, ours: PaymentRow | undefined, approved: readonly DecisionRow[]): string[] {
  const standing = approved.filter((row) => row.is_reversed === 0)
  const [paid] = standing
  if (ours === undefined) return ['the payment server has lost it']
  return [
    ...when(standing.length > 1, `the bank approved ${standing.length} tries to pay it`),
    ...approved.flatMap(booksAgree),
    ...ledgersAgree(ours, paid),
    ...(seen === undefined ? bornUnseen(ours, paid) : agreesWith(seen, ours, paid)),
  ]
}

const when = (isWrong: boolean, what: string): string[] => (isWrong ? [what] : [])

/** What the bank's tables say of a try, and what its ledger does. */
function booksAgree(row: DecisionRow): string[] {
  const { captured_minor, refunded_minor, posted_minor, amount_minor, is_reversed } = row
  const expected = is_reversed > 0 ? 0 : captured_minor - refunded_minor
  return [
    ...when(posted_minor !== expected, `its payee has ${posted_minor}, and it was captured to ${expected}`),
    ...when(captured_minor > amount_minor, `${captured_minor} was captured of ${amount_minor}`),
    ...when(refunded_minor > captured_minor, `${refunded_minor} was refunded of ${captured_minor}`),
  ]
}

/** Both ways: what is paid here was approved there, and what was approved there is paid here. */
function ledgersAgree(ours: PaymentRow, paid: DecisionRow | undefined): string[] {
  const isApproved = approvedStates.includes(ours.state)
  if (openStates.includes(ours.state)) return [`it was left ${ours.state}`]
  if (paid === undefined) return when(isApproved, `it is ${ours.state}, and the bank knows nothing of it`)
  if (!isApproved) return [`it is ${ours.state}, and the bank approved ${paid.reference}`]
  const left = ours.state === 'authorized'
  return [
    ...when(paid.reference !== ours.authorization_reference, `the bank approved another try, ${paid.reference}`),
    ...when(paid.amount_minor !== ours.amount_minor, `the bank approved ${paid.amount_minor} of ${ours.amount_minor}`),
    ...when(
      paid.captured_minor !== ours.captured_minor,
      `captured: ${ours.captured_minor} here, ${paid.captured_minor} there`,
    ),
    ...when(
      paid.refunded_minor !== ours.refunded_minor,
      `refunded: ${ours.refunded_minor} here, ${paid.refunded_minor} there`,
    ),
    ...when(ours.pending_minor !== 0, 'something is spoken for, and nobody asks for it'),
    ...when(left !== paid.held_minor > 0, `it is ${ours.state}, and the bank holds ${paid.held_minor}`),
  ]
}

/** A bill whose making the shop never heard of: nobody can have signed it. */
const bornUnseen = (ours: PaymentRow, paid: DecisionRow | undefined): string[] =>
  when(
    paid !== undefined || !['created', 'expired'].includes(ours.state),
    `nobody was told of it, and it is ${ours.state}`,
  )

function agreesWith(seen: Seen, ours: PaymentRow, paid: DecisionRow | undefined): string[] {
  const askedMinor = (kind: 'capture' | 'refund') =>
    [...seen.asked[kind].values()].reduce((sum, minor) => sum + minor, 0)
  if (paid === undefined) return when(seen.isToldPaid, 'somebody was told that it is paid')
  const { nonce, automatic_minor, captured_minor, refunded_minor } = paid
  return [
    ...when(ours.amount_minor !== seen.amount.minor, `it is about ${ours.amount_minor} and not ${seen.amount.minor}`),
    ...when(seen.isToldUnpaid, 'somebody was told that it is not paid'),
    ...when(nonce === null || !seen.nonces.has(nonce), 'the bank approved what nobody signed'),
    ...when(captured_minor - automatic_minor > askedMinor('capture'), `nobody asked to capture ${captured_minor}`),
    ...when(refunded_minor > askedMinor('refund'), `nobody asked to refund ${refunded_minor}`),
    ...when(seen.toldCapturedMinor !== captured_minor, `the shop was told that ${seen.toldCapturedMinor} was captured`),
    ...when(seen.toldRefundedMinor !== refunded_minor, `the shop was told that ${seen.toldRefundedMinor} was refunded`),
  ]
}

/** @returns how many payments, operations and so on are still waiting for the bank, or for their own end at that moment */
export async function unsettled(payment: Reader, nowMs: number): Promise<number> {
  const open = `select id from payment where state in ('approving', 'unknown')`
  const overdue = `select id from payment where state in ('created', 'declined') and failures < ${failuresMax}
    and expires_at_ms <= ${nowMs}`
  let found = 0
  for (const question of [open, overdue, unanswered]) found += (await payment.rows(question, idRow)).length
  return found
}
