import type { CardId, CredentialId, PayerPseudonym } from '../../shared/identifiers.ts'
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
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('revoked_passkey')
            .select('thumbprint')
            .where('revoked_passkey.payment_server', '=', of.paymentServer)
            .where('revoked_passkey.payer', '=', of.payer)
            .whereRef('revoked_passkey.thumbprint', '=', 'card_passkey.thumbprint'),
        ),
      ),
    )
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    credentialId,
    publicKey: row.public_key,
    thumbprint: row.thumbprint,
    isBackupEligible: row.is_backup_eligible === 1,
  }
}

/** For good. Again changes nothing. */
export async function keepRevocation(writer: BankReader, row: BankTables['revoked_passkey']): Promise<void> {
  await writer
    .insertInto('revoked_passkey')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
