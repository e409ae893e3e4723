import { type SqlBool, sql } from 'kysely'
import { raiseWaitsMs } from '../../shared/card-limits.ts'
import type { CardId, CredentialId, PayerPseudonym, RecoveryId } from '../../shared/identifiers.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import type { PinnedPasskey } from '../../shared/wire/bank-api.ts'
import type { BankReader } from './ledger.ts'
import type { BankTables } from './schema.ts'

/** A passkey, and the name it goes by. */
export type NamedPasskey = PinnedPasskey & { readonly thumbprint: string }

export const named = async (passkey: PinnedPasskey): Promise<NamedPasskey> => ({
  ...passkey,
  thumbprint: await passkeyThumbprint(passkey.publicKey),
})

type OfCard = { readonly paymentServer: string; readonly card: CardId; readonly nowMs: number }

/** Once bound, a passkey is bound: again changes nothing. */
export async function bindPasskeys(
  writer: BankReader,
  { paymentServer, card, nowMs }: OfCard,
  passkeys: readonly NamedPasskey[],
): Promise<void> {
  const rows = passkeys.map(({ credentialId, publicKey, thumbprint, isBackupEligible }) => ({
    payment_server: paymentServer,
    card,
    credential_id: credentialId,
    public_key: publicKey,
    thumbprint,
    is_backup_eligible: isBackupEligible ? 1 : 0,
    bound_at_ms: nowMs,
  }))
  await writer
    .insertInto('card_passkey')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Whether each of these was bound to the card once, whatever became of it since. */
export async function areBound(
  reader: BankReader,
  of: Pick<BankTables['card_passkey'], 'payment_server' | 'card'>,
  passkeys: readonly NamedPasskey[],
): Promise<boolean> {
  const rows = await reader
    .selectFrom('card_passkey')
    .select('thumbprint')
    .where('payment_server', '=', of.payment_server)
    .where('card', '=', of.card)
    .execute()
  return passkeys.every(({ thumbprint }) => rows.some((row) => row.thumbprint === thumbprint))
}

/** @returns null where this card is bound to no such passkey, or its payer has taken it away */
export async function passkeyOfCard(
  reader: BankReader,
  of: { readonly paymentServer: string; readonly card: CardId; readonly payer: PayerPseudonym },
  credentialId: CredentialId,
): Promise<NamedPasskey | null> {
  const row = await reader
    .selectFrom('card_passkey')
    .select(['public_key', 'thumbprint', 'is_backup_eligible'])
    .where('payment_server', '=', of.paymentServer)
    .where('card', '=', of.card)
    .where('credential_id', '=', credentialId)
    .where(isStillBound(of.payer))
    .executeTakeFirst()
  return row === undefined ? null : toNamed(credentialId, row)
}

/** @returns null where this recovery took no card from such a passkey */
export async function displacedPasskey(
  reader: BankReader,
  of: { readonly paymentServer: string; readonly payer: PayerPseudonym; readonly recovery: RecoveryId },
  credentialId: CredentialId,
): Promise<NamedPasskey | null> {
  const row = await reader
    .selectFrom('card_passkey')
    .innerJoin('displaced_passkey', (join) =>
      join
        .onRef('displaced_passkey.payment_server', '=', 'card_passkey.payment_server')
        .onRef('displaced_passkey.thumbprint', '=', 'card_passkey.thumbprint'),
    )
    .select(['card_passkey.public_key', 'card_passkey.thumbprint', 'card_passkey.is_backup_eligible'])
    .where('card_passkey.payment_server', '=', of.paymentServer)
    .where('card_passkey.credential_id', '=', credentialId)
    .where('displaced_passkey.payer', '=', of.payer)
    .where('displaced_passkey.recovery', '=', of.recovery)
    .where(isNotRevoked(of.payer))
    .executeTakeFirst()
  return row === undefined ? null : toNamed(credentialId, row)
}

const toNamed = (
  credentialId: CredentialId,
  row: Pick<BankTables['card_passkey'], 'public_key' | 'thumbprint' | 'is_backup_eligible'>,
): NamedPasskey => ({
  credentialId,
  publicKey: row.public_key,
  thumbprint: row.thumbprint,
  isBackupEligible: row.is_backup_eligible === 1,
})

/**
 * The passkeys whose word counts as a second one. One that was vouched for a moment ago may be in the same hand as the one that vouched for
 * it: it has to be as old as a raise. Those that the card was added with were said by the payer's device, together.
 */
export async function longBoundOf(
  reader: BankReader,
  of: { readonly paymentServer: string; readonly payer: PayerPseudonym; readonly card: CardId; readonly nowMs: number },
): Promise<string[]> {
  const rows = await reader
    .selectFrom('card_passkey')
    .innerJoin('enrolment', (join) =>
      join
        .onRef('enrolment.payment_server', '=', 'card_passkey.payment_server')
        .onRef('enrolment.card', '=', 'card_passkey.card'),
    )
    .select(['card_passkey.thumbprint', 'card_passkey.bound_at_ms', 'enrolment.decided_at_ms'])
    .where('card_passkey.payment_server', '=', of.paymentServer)
    .where('card_passkey.card', '=', of.card)
    .where(isStillBound(of.payer))
    .orderBy('card_passkey.thumbprint')
    .execute()
  const isLong = ({ bound_at_ms, decided_at_ms }: (typeof rows)[number]) =>
    bound_at_ms <= decided_at_ms || bound_at_ms + raiseWaitsMs <= of.nowMs
  return rows.filter(isLong).map(({ thumbprint }) => thumbprint)
}

const isNotRevoked = (payer: PayerPseudonym) => sql<SqlBool>`not exists (select 1 from revoked_passkey
  where revoked_passkey.payment_server = card_passkey.payment_server
  and revoked_passkey.payer = ${payer} and revoked_passkey.thumbprint = card_passkey.thumbprint)`

/** Neither taken away by its payer, nor by a recovery that stands. */
const isStillBound = (
  payer: PayerPseudonym,
) => sql<SqlBool>`${isNotRevoked(payer)} and not exists (select 1 from displaced_passkey
  where displaced_passkey.payment_server = card_passkey.payment_server
  and displaced_passkey.payer = ${payer} and displaced_passkey.thumbprint = card_passkey.thumbprint
  and not exists (select 1 from recovery_undoing where recovery_undoing.payment_server = displaced_passkey.payment_server
    and recovery_undoing.recovery = displaced_passkey.recovery))`

/** For good. Again changes nothing. */
export async function keepRevocation(writer: BankReader, row: BankTables['revoked_passkey']): Promise<void> {
  await writer
    .insertInto('revoked_passkey')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
