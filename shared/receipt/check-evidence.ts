import { base64url, bytesOfBase64url, concat, sameBytes, textOfUtf8, utf8 } from '../bytes.ts'
import { challengeOfJson } from '../intent.ts'
import { dialogOn, isShownIn, paymentDialogsOf } from '../payment-dialog.ts'
import { parseStrictJson } from '../strict-json.ts'
import { readCoseKey } from './cose-key.ts'
import { type Decode, isObject, literal, refuse } from './decode.ts'
import { rawSignatureOf } from './ecdsa-signature.ts'
import type { Receipt } from './receipt.ts'

/** What the browser says about the ceremony (WebAuthn L3 §5.8.1). It may say more, now or later: §5.8.1.2 has verifiers not mind. */
export type ClientData = {
  /** Null where it was a ceremony that agrees to nothing. */
  readonly type: Ceremony | null
  readonly challenge: string
  readonly origin: string
  readonly isFramed: boolean
  /** What the browser showed, where it asked the payer in a dialog of its own. */
  readonly payment: unknown
}

/** Who asked the payer: the wallet's page, or the browser by itself. */
const ceremonies = ['webauthn.get', 'payment.get'] as const
export type Ceremony = (typeof ceremonies)[number]
export const decodeCeremony: Decode<Ceremony> = literal(...ceremonies)

/** WebAuthn L3 §6.1. */
const rpIdHashBytes = 32
const authenticatorDataBytesMin = 37
const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10 } as const

export function clientDataOf({ evidence }: Receipt): ClientData {
  const json = parseStrictJson(textOfUtf8(bytesOfBase64url(evidence.clientDataJSON)))
  if (!isObject(json)) return refuse('client data')
  const member = (name: string): unknown => Reflect.get(json, name)
  return {
    type: ceremonies.find((ceremony) => ceremony === member('type')) ?? null,
    challenge: string(member('challenge')),
    origin: string(member('origin')),
    isFramed: (member('crossOrigin') ?? false) !== false || member('topOrigin') !== undefined,
    payment: member('payment'),
  }
}

const string: Decode<string> = (value) => (typeof value === 'string' ? value : refuse('a string'))

/** The passkey was asked for a payment, and for this one: its challenge is the hash of this intent (§7.2 steps 11 and 12). */
export async function isAboutIntent({ intent }: Receipt, { type, challenge }: ClientData): Promise<boolean> {
  return type !== null && challenge === base64url(await challengeOfJson(intent))
}

/** What the browser showed is this payment from this card, and nothing else (Secure Payment Confirmation §9). */
export const wasShown = ({ intent, card, relyingParty }: Receipt, { payment, origin }: ClientData): boolean =>
  isShownIn(payment, dialogOn(origin, paymentDialogsOf(intent, card)), { relyingPartyId: relyingParty, origin })

/**
 * The page that asked was the passkey's own site (§7.2 steps 13 to 15), or had the browser ask by itself and is the payee's; at the top of its
 * window in either case.
 * @param origins the only ones that will do, where the reader knows them
 */
export async function isOnSite(
  { relyingParty, evidence, intent }: Receipt,
  { type, origin, isFramed }: ClientData,
  origins: readonly string[] | undefined,
): Promise<boolean> {
  const rpIdHash = bytesOfBase64url(evidence.authenticatorData).slice(0, rpIdHashBytes)
  const isOfRelyingParty = sameBytes(rpIdHash, await sha256(utf8(relyingParty)))
  const isPayees = type === 'payment.get' && origin === intent.payee.origin
  const isOwn = (origins === undefined || origins.includes(origin)) && isWithin(origin, relyingParty)
  return isOfRelyingParty && !isFramed && isSecure(origin) && (isPayees || isOwn)
}

/** A page may ask for passkeys of its own host, and of domains above it (WebAuthn L3, RP ID). */
function isWithin(origin: string, relyingParty: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === relyingParty || hostname.endsWith(`.${relyingParty}`)
}

/** It came over TLS, or from this machine. */
function isSecure(origin: string): boolean {
  const url = new URL(origin)
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)
  return url.origin === origin && isSafe
}

/** Somebody was there, and the device made sure who (§7.2 steps 16 to 18). */
export function wasVerified({ evidence }: Receipt): boolean {
  const data = bytesOfBase64url(evidence.authenticatorData)
  const flags = data[rpIdHashBytes] ?? 0
  const has = (bit: number): boolean => (flags & bit) !== 0
  const isBackupSound = has(flag.backupEligible) || !has(flag.backedUp)
  return data.length >= authenticatorDataBytesMin && has(flag.userPresent) && has(flag.userVerified) && isBackupSound
}

/** The signature is over `authenticatorData ‖ SHA-256(clientDataJSON)` (§7.2 steps 20 and 21). */
export async function isSignedByPasskey({ evidence, passkey }: Receipt): Promise<boolean> {
  const { algorithm, key } = await readCoseKey(bytesOfBase64url(passkey))
  const clientDataHash = await sha256(bytesOfBase64url(evidence.clientDataJSON))
  const signed = concat(bytesOfBase64url(evidence.authenticatorData), clientDataHash)
  const signature = bytesOfBase64url(evidence.signature)
  if (algorithm === 'RS256') return crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, signed)
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, rawSignatureOf(signature), signed)
}

export const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** How records and decisions name a passkey: the SHA-256 of its COSE key. */
export const passkeyNameOf = async ({ passkey }: Receipt): Promise<string> =>
  base64url(await sha256(bytesOfBase64url(passkey)))
