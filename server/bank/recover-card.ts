import type { CardExpiry, CardNumber } from '../../shared/cardholder/card-number.ts'
import type { RecoveryId } from '../../shared/identifiers.ts'
import type { BankAnswer, BankBody, recoveryStates } from '../../shared/wire/bank-api.ts'
import { keyedHashText } from '../runtime/keyed-hash.ts'
import { lock } from '../runtime/lock.ts'
import { type Bank, originOf, type PaymentServer } from './bank.ts'
import { eventsOf, findEnrolment } from './enrolment-store.ts'
import { judgeCard } from './judge-card.ts'
import { holderOf } from './known-card.ts'
import type { BankReader, BankTransaction } from './ledger.ts'
import { bindPasskeys, type NamedPasskey, named, passkeyOfCard } from './passkey-store.ts'
import {
  type AskedRecovery,
  confirmedRecoveries,
  displace,
  findRecovery,
  heldRecovery,
  keepRecovery,
  keepTry,
  keepWord,
  recoveryBehind,
  thumbprintsOf,
  triesOf,
} from './recovery-store.ts'
import { refused } from './response-codes.ts'
import type { EnrolmentRow } from './schema.ts'

const linkLifetimeMs = 30 * 60_000
const wrongTriesMax = 5

/** Has the cardholder asked whether a new passkey takes over their card, and tells what they said. */
export async function recoverCard(
  bank: Bank,
  from: PaymentServer,
  body: BankBody<'recover'>,
): Promise<BankAnswer<'recover'>> {
  const { db } = bank.database
  const { recovery, card, payer } = body
  const enrolment = await findEnrolment(db, from.issuer, card)
  if (enrolment === undefined || enrolment.reason !== null || enrolment.payer !== payer)
    return refused(card, 'invalid-card')
  if ((await eventsOf(db, from.issuer, card)).includes('unbound')) return refused(card, 'invalid-card')
  const nowMs = bank.clock.nowMs()
  const held = await heldRecovery(db, enrolment, nowMs)
  if (held !== null && held.recovery !== recovery) return refused(card, 'not-permitted')
  const passkey = await named(body.passkey)
  const recoveredAtMs = await recoveredAtMsOf(db, enrolment, recovery)
  const isAsked = (await findRecovery(db, { paymentServer: from.issuer, recovery, card })) !== undefined
  if (!isAsked && (await hasNothingToAsk(db, enrolment, passkey, recoveredAtMs))) {
    return { outcome: 'recovery', card, state: 'confirmed', recoveredAtMs }
  }
  const link = linkOf(bank, from.issuer, recovery, card)
  await keepRecovery(db, {
    link_hash: hashOf(bank, link),
    payment_server: from.issuer,
    recovery,
    card,
    payer,
    credential_id: passkey.credentialId,
    public_key: passkey.publicKey,
    thumbprint: passkey.thumbprint,
    is_backup_eligible: passkey.isBackupEligible ? 1 : 0,
    asked_at_ms: nowMs,
    expires_at_ms: nowMs + linkLifetimeMs,
  })
  const asked = await findRecovery(db, { paymentServer: from.issuer, recovery, card })
  const isSame = asked?.credential_id === passkey.credentialId && asked.public_key === passkey.publicKey
  if (asked === undefined || !isSame) return refused(card, 'not-permitted')
  return {
    outcome: 'recovery',
    card,
    state: await stateOf(bank, db, asked),
    confirmation: { url: `${originOf(bank)}/recoveries/${link}`, expiresAtMs: asked.expires_at_ms },
    recoveredAtMs,
  }
}

/** The passkey is bound to this card anyway, or the card was added since by whoever has the name. */
async function hasNothingToAsk(
  reader: BankReader,
  { payment_server: paymentServer, card, payer, decided_at_ms }: EnrolmentRow,
  { credentialId, thumbprint }: NamedPasskey,
  recoveredAtMs: number | null,
): Promise<boolean> {
  if (recoveredAtMs !== null && decided_at_ms >= recoveredAtMs) return true
  const bound = await passkeyOfCard(reader, { paymentServer, card, payer }, credentialId)
  return bound?.thumbprint === thumbprint
}

async function recoveredAtMsOf(
  reader: BankReader,
  enrolment: EnrolmentRow,
  recovery: RecoveryId,
): Promise<number | null> {
  const confirmed = await confirmedRecoveries(reader, enrolment)
  return confirmed.find((one) => one.recovery === recovery)?.recoveredAtMs ?? null
}

/** As for a card that is added (`confirm-card.ts`): made again from what the bank keeps, and not from a copy of its database. */
const linkOf = (bank: Bank, paymentServer: string, recovery: string, card: string): string =>
  keyedHashText(bank.keys.lookup, 'recovery-link', paymentServer, recovery, card)
const hashOf = (bank: Bank, link: string): string => keyedHashText(bank.keys.lookup, 'recovery-link-hash', link)

type State = (typeof recoveryStates)[number]

async function stateOf(bank: Bank, reader: BankReader, asked: AskedRecovery): Promise<State> {
  if (asked.is_confirmed !== null) return asked.is_confirmed === 1 ? 'confirmed' : 'denied'
  if (asked.expires_at_ms <= bank.clock.nowMs()) return 'lapsed'
  if ((await triesOf(reader, asked.link_hash)) >= wrongTriesMax) return 'lapsed'
  if ((await eventsOf(reader, asked.payment_server, asked.card)).includes('unbound')) return 'lapsed'
  // Of two who want the same name, the first to be confirmed has it; what was undone does not come back by another card.
  const confirmed = await confirmedRecoveries(reader, asked)
  const isOver = confirmed.some(({ recovery, recoveredAtMs, isUndone }) =>
    recovery === asked.recovery ? isUndone : recoveredAtMs >= asked.asked_at_ms,
  )
  return isOver ? 'lapsed' : 'awaited'
}

export type RecoveryQuestion =
  | { readonly state: 'awaited'; readonly enrolment: EnrolmentRow; readonly asked: AskedRecovery }
  | { readonly state: Exclude<State, 'awaited'> | 'unknown' }

/** What the page behind a link is about, and whether anything can still be said on it. */
export async function recoveryQuestion(
  bank: Bank,
  link: string,
  reader: BankReader = bank.database.db,
): Promise<RecoveryQuestion> {
  const asked = await recoveryBehind(reader, hashOf(bank, link))
  if (asked === undefined) return { state: 'unknown' }
  const state = await stateOf(bank, reader, asked)
  if (state !== 'awaited') return { state }
  const enrolment = await findEnrolment(reader, asked.payment_server, asked.card)
  return enrolment === undefined ? { state: 'unknown' } : { state, asked, enrolment }
}

/** What is printed on a card, as its holder typed it on the bank's own page: no payment server has it. */
export type ShownCard = { readonly number: CardNumber; readonly expiry: CardExpiry; readonly code: string }

/**
 * The cardholder has said whether it was them. Yes counts only from somebody who shows the card: the link has gone through a payment server,
 * which must not be able to answer by itself.
 * @param shown null for no
 * @returns false where the card that was shown is not this one
 */
export function sayOfRecovery(bank: Bank, link: string, shown: ShownCard | null): Promise<boolean> {
  return bank.database.inTransaction(async (transaction) => {
    const found = await recoveryBehind(transaction, hashOf(bank, link))
    if (found === undefined) return true
    await lock(transaction, bank.database.engine, 'recovery', found.payment_server, found.payer)
    const question = await recoveryQuestion(bank, link, transaction)
    if (question.state !== 'awaited') return true
    const { asked, enrolment } = question
    if (shown !== null && !(await isShown(bank, transaction, asked, enrolment, shown))) return false
    const saidAtMs = bank.clock.nowMs()
    if (shown !== null) await takeOver(transaction, asked, saidAtMs)
    const word = { link_hash: asked.link_hash, is_confirmed: shown === null ? 0 : 1, said_at_ms: saidAtMs }
    await keepWord(transaction, word)
    return true
  })
}

async function isShown(
  bank: Bank,
  transaction: BankTransaction,
  asked: AskedRecovery,
  { payment_server, payer, holder, last4 }: EnrolmentRow,
  shown: ShownCard,
): Promise<boolean> {
  const verdict = await judgeCard(bank, transaction, shown)
  const from = bank.paymentServers.find(({ issuer }) => issuer === payment_server)
  const isRight =
    verdict.reason === null &&
    from !== undefined &&
    shown.number.slice(-4) === last4 &&
    holderOf(bank, verdict.known, from, payer) === holder
  if (isRight) return true
  const guessedAt = verdict.reason === null ? null : verdict.guessedAt
  await keepTry(transaction, asked.link_hash, guessedAt, bank.clock.nowMs())
  return false
}

/** The new passkey is bound to this card. With the first card of a recovery, every other passkey of the payer's goes. */
async function takeOver(transaction: BankTransaction, asked: AskedRecovery, nowMs: number): Promise<void> {
  const confirmed = await confirmedRecoveries(transaction, asked)
  if (!confirmed.some(({ recovery }) => recovery === asked.recovery)) {
    const bound = await thumbprintsOf(transaction, asked)
    await displace(
      transaction,
      asked,
      bound.filter((thumbprint) => thumbprint !== asked.thumbprint),
    )
  }
  await bindPasskeys(transaction, { paymentServer: asked.payment_server, card: asked.card, nowMs }, [
    {
      credentialId: asked.credential_id,
      publicKey: asked.public_key,
      thumbprint: asked.thumbprint,
      isBackupEligible: asked.is_backup_eligible === 1,
    },
  ])
}
