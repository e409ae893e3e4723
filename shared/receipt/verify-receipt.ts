import type { CardFace } from '../card.ts'
import type { Currency } from '../money-text.ts'
import { type Decision, decisionOf, isAboutThis, isNamedByFingerprint, isSignedByBank } from './check-decision.ts'
import {
  type Ceremony,
  type ClientData,
  clientDataOf,
  isAboutIntent,
  isOnSite,
  isSignedByPasskey,
  wasShown,
  wasVerified,
} from './check-evidence.ts'
import { readReceipt } from './read-receipt.ts'
import type { Receipt } from './receipt.ts'

/** All that has to hold, in the order in which it is looked at. */
export const checks = [
  /** The file is one of this format, in its one spelling. */
  'file',
  /** The passkey was asked to sign this intent and nothing else. */
  'intent',
  /** What the browser showed is this payment. Looked at only where the browser asked the payer, in a dialog of its own. */
  'dialog',
  /** By the passkey's own site, or by the browser itself over the payee's. */
  'site',
  /** Somebody was there and was verified. */
  'person',
  /** The passkey signed. */
  'passkey',
  /** The bank's key is the one its fingerprint names. */
  'fingerprint',
  /** It is a key of the bank that the reader knows. Looked at only where the reader says which. */
  'bank',
  /** The bank signed its approval. */
  'decision',
  /** The approval is of this intent, passkey, amount and card. */
  'binding',
] as const
export type Check = (typeof checks)[number]
export type Finding = { readonly check: Check; readonly holds: boolean }

/** What the reader knows already, and does not have to take from the file. */
export type Trust = {
  /** Fingerprints (RFC 7638) of keys that the bank signs with: from its `/.well-known/bank-keys`, or pinned. */
  readonly bankKeyFingerprints?: readonly string[] | undefined
  /** Origins of the wallet. */
  readonly origins?: readonly string[] | undefined
}

export type Agreed = {
  readonly payment: string
  readonly payee: { readonly name: string; readonly origin: string }
  readonly amount: { readonly minor: number; readonly currency: Currency }
  /** How much of it the bank had taken when it signed. 0: it was set aside; whether it was taken later, the file does not say. */
  readonly capturedMinor: number
  /** The payee's name for the order. */
  readonly order: string
  /** When the bank took it or set it aside. Milliseconds since the Unix epoch, by the bank's clock. */
  readonly bookedAtMs: number
  readonly card: CardFace
  /** What the bank calls the payer. */
  readonly payer: string
  readonly approvalCode: string
  /** The bank and the payment server, as the bank's approval names them. */
  readonly bank: string
  readonly paymentServer: string
  /** Over whose page the payer signed: the wallet's, or the payee's. */
  readonly signedAt: string
  /** Who showed the payer what they signed: the wallet's page, or the browser by itself. */
  readonly ceremony: Ceremony
}

export type Verdict = {
  /**
   * Whether the bank's key was compared, and is the bank's. Until it is, a receipt only holds together: anybody can make a passkey and a
   * "bank" of their own, and a file in which everything fits.
   */
  readonly isBankKnown: boolean
  /** What was agreed to; null where anything at all is off, for then nothing in the file is worth believing. */
  readonly agreed: Agreed | null
  readonly findings: readonly Finding[]
  /** Of the key in the file, for people to compare; null where the file cannot be read. */
  readonly bankKeyFingerprint: string | null
}

/**
 * Checks a receipt offline, with WebCrypto alone, in browsers and in Node alike.
 * Never rejects: whatever the file holds, the answer is which checks hold.
 * @param file the bytes of the file
 */
export async function verifyReceipt(file: Uint8Array, trust: Trust = {}): Promise<Verdict> {
  const receipt = orNull(() => readReceipt(file))
  if (receipt === null) return unreadable
  const clientData = orNull(() => clientDataOf(receipt))
  const decision = orNull(() => decisionOf(receipt))
  const findings = await findingsOf(receipt, clientData, decision, trust)
  const isProven = findings.every(({ holds }) => holds) && clientData !== null && decision !== null
  return {
    agreed: isProven ? agreedIn(receipt, clientData, decision) : null,
    findings,
    isBankKnown: findings.some(({ check, holds }) => check === 'bank' && holds),
    bankKeyFingerprint: receipt.bankKey.kid,
  }
}

const unreadable: Verdict = {
  agreed: null,
  findings: [{ check: 'file', holds: false }],
  isBankKnown: false,
  bankKeyFingerprint: null,
}

async function findingsOf(
  receipt: Receipt,
  clientData: ClientData | null,
  decision: Decision | null,
  { bankKeyFingerprints, origins }: Trust,
): Promise<Finding[]> {
  const looks: [Check, () => boolean | Promise<boolean>][] = [
    ['file', () => true],
    ['intent', () => clientData !== null && isAboutIntent(receipt, clientData)],
    ['site', () => clientData !== null && isOnSite(receipt, clientData, origins)],
    ['person', () => wasVerified(receipt)],
    ['passkey', () => isSignedByPasskey(receipt)],
    ['fingerprint', () => isNamedByFingerprint(receipt)],
    ['decision', () => isSignedByBank(receipt)],
    ['binding', () => clientData !== null && decision !== null && isAboutThis(receipt, clientData, decision)],
  ]
  if (clientData?.type === 'payment.get') looks.push(['dialog', () => wasShown(receipt, clientData)])
  if (bankKeyFingerprints !== undefined) looks.push(['bank', () => bankKeyFingerprints.includes(receipt.bankKey.kid)])
  const findings = await Promise.all(looks.map(async ([check, look]) => ({ check, holds: await holds(look) })))
  return findings.sort((left, right) => checks.indexOf(left.check) - checks.indexOf(right.check))
}

/** What cannot even be looked at does not hold. */
async function holds(look: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch {
    return false
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

const agreedIn = ({ intent, card }: Receipt, { origin }: ClientData, { iss, aud, body }: Decision): Agreed => ({
  payment: intent.payment,
  payee: { name: intent.payee.name, origin: intent.payee.origin },
  amount: intent.amount,
  capturedMinor: body.capturedMinor,
  order: intent.reference,
  bookedAtMs: body.bookedAtMs,
  card,
  payer: intent.payer,
  approvalCode: body.approvalCode,
  bank: iss,
  paymentServer: aud,
  signedAt: origin,
  ceremony: body.ceremony,
})
