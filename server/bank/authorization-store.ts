import { sql } from 'kysely'
import type { PaymentId } from '../../shared/identifiers.ts'
import { money } from '../../shared/money.ts'
import { signerOf } from '../../shared/passkey.ts'
import type { BankAnswer } from '../../shared/wire/bank-api.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import { approvedCode, declined } from './response-codes.ts'
import type { AuthorizationRow, EnrolmentRow } from './schema.ts'

/** A decision, and what became of it since. */
export type Authorization = AuthorizationRow &
  EnrolledFace & {
    readonly reversed_at_ms: number | null
    readonly captured_minor: number
    readonly refunded_minor: number
  }
/** The card of a decision; null where no such card was ever added. */
export type EnrolledFace = Pick<EnrolmentRow, 'brand' | 'last4'>

const summed = (table: 'capture' | 'refund') =>
  sql<number>`cast((select coalesce(sum(amount_minor), 0) from ${sql.table(table)}
    where payment_server = ${sql.ref('authorization.payment_server')}
    and reference = ${sql.ref('authorization.reference')}) as bigint)`

/** Decisions, and what became of them: a query to narrow. */
export const authorizations = (reader: BankReader, paymentServer: string) =>
  reader
    .selectFrom('authorization')
    .leftJoin('reversal', (join) =>
      join
        .onRef('reversal.payment_server', '=', 'authorization.payment_server')
        .onRef('reversal.reference', '=', 'authorization.reference'),
    )
    .leftJoin('enrolment', (join) =>
      join
        .onRef('enrolment.payment_server', '=', 'authorization.payment_server')
        .onRef('enrolment.card', '=', 'authorization.card'),
    )
    .selectAll('authorization')
    .select(['enrolment.brand', 'enrolment.last4'])
    // A decision from before cards had several passkeys was signed by the one.
    .select(({ fn }) => fn.coalesce('authorization.thumbprint', 'enrolment.thumbprint').as('thumbprint'))
    // A decision from before browsers asked payers themselves was signed on the wallet's page.
    .select(({ fn }) => fn.coalesce('authorization.ceremony', sql.lit('webauthn.get' as const)).as('ceremony'))
    .select(['reversal.reversed_at_ms', summed('capture').as('captured_minor'), summed('refund').as('refunded_minor')])
    .where('authorization.payment_server', '=', paymentServer)

/** Every try to pay a payment that was decided. */
export const authorizationsOf = (
  reader: BankReader,
  paymentServer: string,
  payment: PaymentId,
): Promise<Authorization[]> =>
  authorizations(reader, paymentServer).where('authorization.payment', '=', payment).execute()

export const findAuthorization = (
  reader: BankReader,
  paymentServer: string,
  reference: string,
): Promise<Authorization | undefined> =>
  authorizations(reader, paymentServer).where('authorization.reference', '=', reference).executeTakeFirst()

export const isStanding = (authorization: Authorization): boolean =>
  authorization.approval_code !== null && authorization.reversed_at_ms === null

/** Whether a reversal was asked for. Without an authorization it is a tombstone. */
export async function isReversed(reader: BankReader, paymentServer: string, reference: string): Promise<boolean> {
  const row = await reader
    .selectFrom('reversal')
    .select('reference')
    .where('payment_server', '=', paymentServer)
    .where('reference', '=', reference)
    .executeTakeFirst()
  return row !== undefined
}

/** @returns false where it was consumed before: of two at once, one gets it */
export async function consumeNonce(
  transaction: BankTransaction,
  nonce: { paymentServer: string; nonce: string; reference: string; nowMs: number },
): Promise<boolean> {
  const inserted = await transaction
    .insertInto('consumed_nonce')
    .values({
      payment_server: nonce.paymentServer,
      nonce: nonce.nonce,
      reference: nonce.reference,
      consumed_at_ms: nonce.nowMs,
    })
    .onConflict((conflict) => conflict.columns(['payment_server', 'nonce']).doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

export function stateOf({ approval_code, reversed_at_ms }: Authorization): 'approved' | 'declined' | 'reversed' {
  if (approval_code === null) return 'declined'
  return reversed_at_ms === null ? 'approved' : 'reversed'
}

/** What was decided, as it stands now. */
export async function outcomeOf(
  authorization: Authorization,
): Promise<Exclude<BankAnswer<'inquire'>, { outcome: 'absent' }>> {
  const { reference, reason, approval_code } = authorization
  const amount = money(authorization.amount_minor, authorization.currency)
  if (approval_code === null) return declined(reference, amount, reason ?? 'do-not-honor')
  if (authorization.reversed_at_ms !== null) return { outcome: 'reversed', reference }
  return {
    outcome: 'approved',
    reference,
    amount,
    payee: authorization.payee,
    capturedMinor: authorization.captured_minor,
    approvalCode: approval_code,
    responseCode: approvedCode,
    bookedAtMs: authorization.decided_at_ms,
    ...(await proofOf(authorization)),
  }
}

/** What binds an approval to the intent and the passkey it was given by: no other payment can show it for its own. */
async function proofOf({ challenge, thumbprint, ceremony, brand, last4 }: Authorization) {
  if (thumbprint === null || ceremony === null || brand === null || last4 === null)
    throw new Error('nothing is approved without a card')
  return { challenge, signer: await signerOf(thumbprint, challenge), ceremony, face: { brand, last4 } }
}
