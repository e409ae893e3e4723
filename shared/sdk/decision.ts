import { MonikerDecisionRefused } from './problem.ts'
import type { Amount } from './types.ts'

/** What the bank decided. Amounts in minor units, times in milliseconds since the Unix epoch. */
export type Decision = {
  /** `approved`: the money is set aside, or taken already where `capturedMinor` is the whole of it. */
  readonly outcome: 'approved' | 'captured' | 'refunded' | 'voided' | 'declined' | 'reversed'
  readonly payment: string
  /** Who is paid: the id of the merchant. Absent where nobody is. */
  readonly payee?: string
  /** What it is about: of the whole payment, or of this capture or refund. */
  readonly amount?: Amount
  /** Of the whole payment, so far. */
  readonly capturedMinor?: number
  readonly refundedMinor?: number
  /** Why not. */
  readonly reason?: string
  readonly decidedAtMs: number
}

/** A key of the bank's, as its `/.well-known/bank-keys` lists them (RFC 7517). */
export type BankKey = { readonly kid?: string; readonly use?: string } & JsonWebKey

const outcomes = ['approved', 'captured', 'refunded', 'voided', 'declined', 'reversed'] as const
const types = ['authorize', 'inquire', 'reverse', 'capture', 'refund', 'void'].map((it) => `moniker-${it}-answer+jws`)

/**
 * Reads `decision` of a payment or an event, once it is sure that the bank signed it. Compare `payment`, `payee` and the amounts with what you
 * expect: then you need not believe the payment server.
 * @param keys of the bank, got from the bank itself
 * @throws {MonikerDecisionRefused} where none of these keys signed it, or it is no decision about a payment
 */
export async function readDecision(decision: string, keys: readonly BankKey[]): Promise<Decision> {
  const [header = '', payload = '', signature = '', ...more] = decision.split('.')
  const key = keys.find(({ kid, use }) => use !== 'enc' && types.some((typ) => header === headerOf(kid, typ)))
  if (key === undefined || more.length > 0) throw new MonikerDecisionRefused('It is not signed by one of these keys.')
  if (!(await isSigned(key, `${header}.${payload}`, signature)))
    throw new MonikerDecisionRefused('It was changed, or another key has signed it.')
  return decisionIn(JSON.parse(new TextDecoder().decode(bytesOf(payload))))
}

/** Byte for byte the one that the bank writes. */
const headerOf = (kid: string | undefined, typ: string): string =>
  textOf(new TextEncoder().encode(JSON.stringify({ alg: 'ES256', kid, typ })))

async function isSigned(key: BankKey, signed: string, signature: string): Promise<boolean> {
  const { kty = '', crv = '', x = '', y = '' } = key
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const imported = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify'])
  const bytes = bytesOf(signature)
  const isCanonical = textOf(bytes) === signature
  const data = new TextEncoder().encode(signed)
  return isCanonical && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, bytes, data)
}

/** The bank signed it, so it is what the bank says; it may say more in time. */
function decisionIn({ iat, body }: { iat: number; body: Record<string, unknown> }): Decision {
  const { reference, payee, amount, capturedMinor, refundedMinor, reason } = body
  const outcome = outcomes.find((it) => it === body.outcome)
  if (outcome === undefined || typeof reference !== 'string')
    throw new MonikerDecisionRefused('It is no decision about a payment.')
  const [payment = ''] = reference.split('.')
  return {
    ...{ outcome, payment, decidedAtMs: iat * 1000 },
    ...(typeof payee === 'string' && { payee }),
    ...(isAmount(amount) && { amount }),
    ...(typeof capturedMinor === 'number' && { capturedMinor }),
    ...(typeof refundedMinor === 'number' && { refundedMinor }),
    ...(typeof reason === 'string' && { reason }),
  }
}

const isAmount = (it: unknown): it is Amount =>
  typeof it === 'object' && it !== null && 'minor' in it && 'currency' in it

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  try {
    const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/')
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new MonikerDecisionRefused('It is not a compact JWS.', { cause })
  }
}

const textOf = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
