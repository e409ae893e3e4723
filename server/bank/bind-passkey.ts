import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { openSignedRecord } from './bound-record.ts'
import { hasSigned } from './check-evidence.ts'
import { bindPasskeys, type NamedPasskey, named } from './passkey-store.ts'
import { refused } from './response-codes.ts'

/** Binds one more passkey to a card: only one that is bound to it can vouch for another. */
export async function bindPasskey(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'bind'>,
): Promise<BankAnswer<'bind'>> {
  const passkey = await named(body.passkey)
  if (!(await isVouchedFor(bank, from, body, passkey))) return refused(body.card, 'evidence-refused')
  const of = { paymentServer: from.issuer, card: body.card, nowMs: bank.clock.nowMs() }
  await bindPasskeys(bank.database.db, of, [passkey])
  return { outcome: 'bound', card: body.card, passkey: passkey.thumbprint }
}

async function isVouchedFor(
  bank: Bank,
  from: PaymentServer,
  { card, payer, record, evidence }: BankBody<'bind'>,
  added: NamedPasskey,
): Promise<boolean> {
  const { intent, assertion } = evidence
  const signed = await openSignedRecord(bank, from, record, assertion)
  if (signed === null) return false
  const { contents, passkey } = signed
  const isAbout = contents.card === card && contents.payer === payer && intent.payer === payer
  if (!isAbout || intent.passkey !== added.thumbprint) return false
  // Of any age: the bank may have been out of reach for long. What was revoked meanwhile stays so.
  return hasSigned(bank, from, intent, assertion, passkey)
}
