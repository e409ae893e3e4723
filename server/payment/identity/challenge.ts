import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Kysely } from 'kysely'
import { type Bytes, base64url, bytesOfBase64url, concat, sameBytes } from '../../../shared/bytes.ts'
import {
  type AddCardIntent,
  type AddPasskeyIntent,
  type CloseAccountIntent,
  type ConsoleEnrolIntent,
  type ConsoleSignInIntent,
  type EnrolIntent,
  type Intent,
  intentLifetimeMs,
  intentPreimage,
  type MakePasskeyIntent,
  type MakeRecoveryCodeIntent,
  type PayIntent,
  type RecoverIntent,
  type RemoveCardIntent,
  type RemovePasskeyIntent,
  type SetLimitIntent,
  type SignInIntent,
  type UndoRecoveryIntent,
  type UnfreezeCardIntent,
} from '../../../shared/intent.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Secret } from '../../runtime/keys.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import type { PaymentTables } from '../schema.ts'

type Stamp = 'v' | 'nonce' | 'notAfter'
/** What an intent says, before it is issued: all that the server itself knows of it. */
export type PayAgreement = Omit<PayIntent, Stamp>
export type AddCardAgreement = Omit<AddCardIntent, Stamp>
/** What only the payer's passkey may do to a card that is there. */
export type CardChangeIntent = RemoveCardIntent | UnfreezeCardIntent | SetLimitIntent
export type CardChangeAgreement =
  | Omit<RemoveCardIntent, Stamp>
  | Omit<UnfreezeCardIntent, Stamp>
  | Omit<SetLimitIntent, Stamp>
/** What a payer's passkey says of another one, or of itself. */
export type PasskeyChangeIntent = AddPasskeyIntent | RemovePasskeyIntent
export type PasskeyChangeAgreement = Omit<AddPasskeyIntent, Stamp> | Omit<RemovePasskeyIntent, Stamp>
export type CloseAccountAgreement = Omit<CloseAccountIntent, Stamp>
export type UndoRecoveryAgreement = Omit<UndoRecoveryIntent, Stamp>
export type MakeRecoveryCodeAgreement = Omit<MakeRecoveryCodeIntent, Stamp>
type Agreement =
  | PayAgreement
  | AddCardAgreement
  | CardChangeAgreement
  | PasskeyChangeAgreement
  | CloseAccountAgreement
  | MakeRecoveryCodeAgreement
  | UndoRecoveryAgreement
  | Omit<RecoverIntent, Stamp>
  | Omit<MakePasskeyIntent, Stamp>
  | Omit<EnrolIntent, Stamp>
  | Omit<SignInIntent, Stamp>
  | Omit<ConsoleEnrolIntent, Stamp>
  | Omit<ConsoleSignInIntent, Stamp>

const nonceHalfBytes = 16
/** A process with a slow clock still finds what one with a fast clock consumed. */
const keptAfterMs = 60 * 60_000

/**
 * Issues intents without writing anything, and takes each of them back once. A nonce is 16 random bytes and a 16-byte tag over the
 * whole intent, its purpose included, so that nothing but what this server issued comes back, and only for what it was issued for.
 */
export function intents(tools: { key: Secret; db: Kysely<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { key, db, clock, random } = tools

  function tagged(intent: Intent, half: Bytes): string {
    const preimage = intentPreimage({ ...intent, nonce: base64url(half) })
    const tag = createHmac('sha256', key.key).update(preimage).digest()
    return base64url(concat(half, tag.subarray(0, nonceHalfBytes)))
  }

  function isIssued(intent: Intent): boolean {
    const half = bytesOfBase64url(intent.nonce).slice(0, nonceHalfBytes)
    return timingSafeEqual(Buffer.from(tagged(intent, half)), Buffer.from(intent.nonce))
  }

  return {
    issue<A extends Agreement>(agreement: A): A & Pick<Intent, Stamp> {
      const stamp = { v: 1, nonce: '', notAfter: clock.nowMs() + intentLifetimeMs } as const
      return { ...agreement, ...stamp, nonce: tagged({ ...agreement, ...stamp }, random(nonceHalfBytes)) }
    },

    /**
     * Takes an intent back: ours, of now, and in every member what the server itself would write. It is consumed before any
     * signature is looked at, so that nothing can be tried twice.
     * @param agreement recomputed from what the server knows at this moment
     * @throws {Problem} `intent-malformed`, `intent-expired`, `intent-consumed`
     */
    async takeBack(intent: Intent, agreement: Agreement): Promise<void> {
      const { v, nonce, notAfter } = intent
      const expected = intentPreimage({ ...agreement, v, nonce, notAfter })
      if (!isIssued(intent) || !sameBytes(expected, intentPreimage(intent))) throw new Problem('intent-malformed')
      if (clock.nowMs() >= notAfter) throw new Problem('intent-expired')
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('consumed_intent')
        .values({ nonce, not_after_ms: notAfter })
        .onConflict((conflict) => conflict.column('nonce').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows !== 1n) throw new Problem('intent-consumed')
    },

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('consumed_intent')
        .where('not_after_ms', '<', clock.nowMs() - keptAfterMs)
        .execute()
    },
  }
}
export type Intents = ReturnType<typeof intents>
