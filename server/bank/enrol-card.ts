import { base64url } from '../../shared/bytes.ts'
import { type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { faceOf } from '../../shared/cardholder/card-number.ts'
import { openSeal } from '../../shared/cardholder/open-seal.ts'
import type { SealContents } from '../../shared/cardholder/seal.ts'
import { passkeySetOf } from '../../shared/passkey.ts'
import { Problem } from '../../shared/problem.ts'
import type { BankAnswer, BankBody } from '../../shared/wire/bank-api.ts'
import { standingLimitsOf } from './allowance.ts'
import { type Bank, originOf, type PaymentServer } from './bank.ts'
import { beginLimits } from './begin-limits.ts'
import { mintedCodeHash } from './bound-record.ts'
import { type CardRecordContents, closeRecord, initialLimits, openRecord } from './card-record.ts'
import { isSigned } from './check-evidence.ts'
import { confirmationLinkOf, newLink } from './confirm-card.ts'
import { confirmationOf, keepLink } from './confirmation-store.ts'
import { findEnrolment, keepEnrolment, keepWrongTry } from './enrolment-store.ts'
import { type AcceptedCard, type CardVerdict, judgeCard } from './judge-card.ts'
import { asksCardholder, holderOf } from './known-card.ts'
import { areBound, bindPasskeys, type NamedPasskey, named } from './passkey-store.ts'
import { refused } from './response-codes.ts'
import type { EnrolmentRow } from './schema.ts'

/**
 * Adds a card: opens the seal, checks the card, binds the passkeys. What was decided about a sealed card is decided once, and
 * asked again it is answered again; a refused card is tried again under another card id.
 */
export async function enrolCard(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'enrol'>,
): Promise<BankAnswer<'enrol'>> {
  const passkeys = await Promise.all(body.passkeys.map(named))
  const signer = passkeys.find(({ credentialId }) => credentialId === body.evidence.assertion.credentialId)
  if (signer === undefined) return refused(body.card, 'evidence-refused')
  const asked = { ...body, seal: await sealHashOf(body.sealed), passkeys, signer }
  const known = await findEnrolment(bank.database.db, from.issuer, body.card)
  if (known !== undefined) return answerOf(bank, known, asked)
  if (!(await isAgreed(bank, from, asked))) return refused(body.card, 'evidence-refused')
  const opened = await open(bank, asked.sealed)
  if (opened !== null && !(await isMeantFor(opened, passkeys))) return refused(body.card, 'evidence-refused')
  await decide(bank, from, asked, opened?.card ?? null)
  // Read back, because of two that were decided at once the first written counts.
  const kept = await findEnrolment(bank.database.db, from.issuer, body.card)
  if (kept === undefined) throw new Error('an enrolment that was kept is gone')
  return answerOf(bank, kept, asked)
}

type Asked = Omit<BankBody<'enrol'>, 'passkeys'> & {
  readonly seal: string
  readonly passkeys: readonly NamedPasskey[]
  /** The one of them that signed. */
  readonly signer: NamedPasskey
}

/** The payer signed this very seal, for this very card: alone, or together with the first payment with it. */
async function isAgreed(bank: Bank, from: PaymentServer, asked: Asked): Promise<boolean> {
  const { intent, assertion } = asked.evidence
  const isAbout = intent.card === asked.card && intent.payer === asked.payer && intent.seal === asked.seal
  return isAbout && (await isSigned(bank, from, intent, assertion, asked.signer))
}

/** The cardholder's own device said which passkeys it sealed the card for: a payment server cannot slip in one of its own. */
const isMeantFor = async (opened: SealContents, passkeys: readonly NamedPasskey[]): Promise<boolean> =>
  opened.passkeys === (await passkeySetOf(passkeys.map(({ thumbprint }) => thumbprint)))

/** Judged and written in one transaction: what is wrong about a card counts, once, against those who try after it. */
function decide(bank: Bank, from: PaymentServer, asked: Asked, typed: CardDetails | null): Promise<void> {
  return bank.database.inTransaction(async (transaction) => {
    const row = undecidedRow(bank, from, asked)
    const verdict = typed === null ? unreadable : await judgeCard(bank, transaction, typed)
    if (verdict.reason !== null) {
      const isKept = await keepEnrolment(transaction, { ...row, reason: verdict.reason })
      if (isKept && verdict.guessedAt !== null) await keepWrongTry(transaction, row, verdict.guessedAt)
      return
    }
    const accepted = acceptance(bank, from, asked, verdict)
    const isKept = await keepEnrolment(transaction, { ...row, ...accepted })
    if (!isKept) return
    const of = { paymentServer: from.issuer, card: row.card, nowMs: row.decided_at_ms }
    await bindPasskeys(transaction, of, asked.passkeys)
    await beginLimits(bank, transaction, { ...row, ...accepted }, initialLimits(verdict.typed))
    if (!asksCardholder(verdict.known)) return
    await keepLink(transaction, newLink(bank, row.payment_server, row.card, accepted.code_hash))
  })
}

const unreadable: CardVerdict = { reason: 'invalid-card', guessedAt: null }

const undecidedRow = (bank: Bank, from: PaymentServer, asked: Asked): EnrolmentRow => ({
  payment_server: from.issuer,
  card: asked.card,
  payer: asked.payer,
  seal: asked.seal,
  credential_id: asked.signer.credentialId,
  public_key: asked.signer.publicKey,
  thumbprint: asked.signer.thumbprint,
  is_backup_eligible: asked.signer.isBackupEligible ? 1 : 0,
  decided_at_ms: bank.clock.nowMs(),
  reason: null,
  record: null,
  brand: null,
  last4: null,
  holder: null,
  code_hash: null,
})

async function open(bank: Bank, sealed: SealedCard): Promise<SealContents | null> {
  const keyOf = async (kid: string) => bank.keys.sealing.find((key) => key.kid === kid)?.privateKey ?? null
  try {
    return await openSeal(sealed, keyOf)
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}

function acceptance(bank: Bank, from: PaymentServer, asked: Asked, { typed, known }: AcceptedCard) {
  // From here on the printed code is gone: what is kept is one that we mint.
  const { code: _printed, ...kept } = typed
  const contents: CardRecordContents = {
    v: 1,
    ...kept,
    paymentServer: from.issuer,
    payer: asked.payer,
    card: asked.card,
    passkey: asked.signer.thumbprint,
    holder: holderOf(bank, known, from, asked.payer),
    code: base64url(bank.random(16)),
  }
  return {
    ...faceOf(typed.number),
    record: closeRecord(contents, bank.keys.records, bank.random),
    holder: contents.holder,
    code_hash: mintedCodeHash(bank, contents),
  }
}

async function answerOf(bank: Bank, row: EnrolmentRow, asked: Asked): Promise<BankAnswer<'enrol'>> {
  const isSame = row.seal === asked.seal && row.payer === asked.payer && row.thumbprint === asked.signer.thumbprint
  if (!isSame || row.credential_id !== asked.signer.credentialId) return refused(asked.card, 'not-permitted')
  const { record, brand, last4, reason, code_hash } = row
  if (record === null || brand === null || last4 === null || code_hash === null) {
    return refused(asked.card, reason ?? 'invalid-card')
  }
  // The seal was made for others than it is said to be for now. Whoever was added since would never pay: the card is to be sealed anew.
  if (!(await areBound(bank.database.db, row, asked.passkeys))) return refused(asked.card, 'evidence-refused')
  const contents = openRecord(record, bank.keys.records)
  // Made by a key that is gone since: nothing would pay by it.
  if (contents === null) return refused(asked.card, 'invalid-card')
  const { db } = bank.database
  const standing = await standingLimitsOf(bank, db, contents)
  const enrolled = { outcome: 'enrolled', card: asked.card, record, face: { brand, last4 }, standing } as const
  const question = await confirmationOf(db, row.payment_server, row.card)
  if (question === undefined) return enrolled
  const link = confirmationLinkOf(bank, row.payment_server, row.card, code_hash)
  const url = `${originOf(bank)}/confirmations/${link}`
  return { ...enrolled, confirmation: { url, expiresAtMs: question.expires_at_ms } }
}
