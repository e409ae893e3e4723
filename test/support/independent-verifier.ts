/**
 * A verifier such as somebody else would write: from the words of `shared/receipt/README.md` and with `node:crypto` alone. It imports
 * nothing of ours, so that what it agrees with is what is written down there. It names the first thing that is off.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** @returns the payee and amount that were agreed to, and how much of it was taken @throws {Error} which says what is off */
export function verifyIndependently(
  file: Uint8Array,
  fingerprints: readonly string[],
): { payee: string; minor: number; capturedMinor: number } {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file)
  const receipt = membersOf(
    JSON.parse(text),
    'format intent evidence passkey relyingParty decision bankKey card'.split(' '),
  )
  must(jcs(receipt) === text, 'the file is canonical')
  must(receipt.format === 'moniker/receipt/v1', 'the format is known')
  const evidence = membersOf(receipt.evidence, ['authenticatorData', 'clientDataJSON', 'signature'])
  const bankKey = membersOf(receipt.bankKey, ['kty', 'crv', 'x', 'y', 'kid'])
  const card = membersOf(receipt.card, ['brand', 'last4'])
  const intent = intentOf(receipt.intent)
  const challenge = sha256(Buffer.concat([Buffer.from('moniker/intent/v1\0'), Buffer.from(jcs(intent))])).toString(
    'base64url',
  )

  // 1
  const clientDataBytes = bytes(evidence.clientDataJSON)
  const clientData = objectOf(JSON.parse(clientDataBytes.toString()))
  const isDialog = clientData.type === 'payment.get'
  must(isDialog || clientData.type === 'webauthn.get', 'the passkey was asked to agree')
  must(clientData.challenge === challenge, 'the passkey was asked for this')

  // 2
  const authenticatorData = bytes(evidence.authenticatorData)
  const relyingParty = string(receipt.relyingParty)
  must(authenticatorData.subarray(0, 32).equals(sha256(Buffer.from(relyingParty))), 'the site is the passkey’s own')
  const origin = string(clientData.origin)
  const { protocol, hostname } = new URL(origin)
  const isPayees = isDialog && origin === string(objectOf(intent.payee).origin)
  must(protocol === 'https:' || /(^|\.)localhost$/.test(hostname), 'the site was safe')
  must(isPayees || `.${hostname}`.endsWith(`.${relyingParty}`), 'the origin is within the site, or the payee’s')
  must((clientData.crossOrigin ?? false) === false && clientData.topOrigin === undefined, 'it was no frame')

  // 3
  if (isDialog) mustShow(objectOf(clientData.payment), intent, card, [relyingParty, origin])

  // 4
  const flags = authenticatorData[32] ?? 0
  must(authenticatorData.length >= 37 && (flags & 0x05) === 0x05 && (flags & 0x18) !== 0x10, 'somebody was verified')

  // 5
  const signed = Buffer.concat([authenticatorData, sha256(clientDataBytes)])
  must(verify('sha256', signed, keyOfCose(bytes(receipt.passkey)), bytes(evidence.signature)), 'the passkey signed')

  // 6 and 7
  const jwk = { crv: string(bankKey.crv), kty: string(bankKey.kty), x: string(bankKey.x), y: string(bankKey.y) }
  must(bankKey.kid === sha256(Buffer.from(jcs(jwk))).toString('base64url'), 'the fingerprint is the key’s')
  must(fingerprints.includes(string(bankKey.kid)), 'the key is the bank’s')

  // 8
  const [header = '', payload = '', signature = '', ...more] = string(receipt.decision).split('.')
  const types = ['moniker-authorize-answer+jws', 'moniker-inquire-answer+jws']
  const headers = types.map((typ) => `{"alg":"ES256","kid":"${bankKey.kid}","typ":"${typ}"}`)
  must(more.length === 0 && headers.includes(bytes(header).toString()), 'the header is the bank’s')
  const key = createPublicKey({ format: 'jwk', key: jwk })
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    bytes(signature),
  )
  must(isSigned, 'the bank signed')

  // 9
  const body = objectOf(objectOf(JSON.parse(bytes(payload).toString())).body)
  must(body.outcome === 'approved' && body.responseCode === '00', 'the bank approved')
  must(new RegExp(`^${intent.payment}\\.[1-9]$`).test(string(body.reference)), 'the approval is of this payment')
  must(jcs(body.amount ?? null) === jcs(intent.amount ?? null), 'the amount is the same')
  must(jcs(body.face ?? null) === jcs(card), 'the card is the same')
  must(body.ceremony === clientData.type, 'it was signed in the same way')
  must(body.challenge === challenge, 'the intent is the same')
  must(body.payee === objectOf(intent.payee).id, 'the payee is the same')
  const thumbprint = sha256(bytes(receipt.passkey))
  const named = [Buffer.from('moniker/signer/v1\0'), thumbprint, bytes(challenge)]
  must(body.signer === sha256(Buffer.concat(named)).toString('base64url'), 'the passkey is the same')
  const minor = Number(objectOf(intent.amount).minor)
  const capturedMinor = Number(body.capturedMinor)
  must(Number.isSafeInteger(capturedMinor) && capturedMinor >= 0 && capturedMinor <= minor, 'no more was taken')
  return { payee: string(objectOf(intent.payee).name), minor, capturedMinor }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It does not hold that ${what}.`)
}

type Members = { [name: string]: Json }

function mustShow(payment: Members, intent: Members, card: Members, [rpId, topOrigin]: [string, string]): void {
  const { paymentEntitiesLogos = [], browserBoundPublicKey = 'AA', ...shown } = payment
  const { payee, amount } = { payee: objectOf(intent.payee), amount: objectOf(intent.amount) }
  const { icon = '', displayName = '' } = objectOf(shown.instrument)
  const origin = string(payee.origin).startsWith('https:') ? { payeeOrigin: string(payee.origin) } : {}
  const total = { value: decimal(Number(amount.minor), string(amount.currency)), currency: string(amount.currency) }
  const face = `${brands[string(card.brand)]} \u2022\u2022\u2022\u2022 ${string(card.last4)}`
  const instrument = { icon, displayName: topOrigin === payee.origin ? 'Moniker' : face }
  const expected = { rpId, topOrigin, payeeName: string(payee.name), ...origin, total, instrument }
  must(jcs(shown) === jcs(expected) && displayName === instrument.displayName, 'the browser showed just this')
  const iconHash = 'peTYxzHQWlR5bszmxgVbDNQTw6DLwNc3MYYx8uES3Bw'
  must(sha256(Buffer.from(string(icon))).toString('base64url') === iconHash, 'the picture is known')
  must(JSON.stringify(paymentEntitiesLogos) === '[]' && bytes(browserBoundPublicKey).length > 0, 'it showed no more')
}

const brands: { [brand: string]: string } = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  unionpay: 'UnionPay',
  jcb: 'JCB',
  discover: 'Discover',
  diners: 'Diners Club',
  unknown: 'Card',
}

/** By the digits that ECMA-402 knows for a currency, which for those that receipts are made out in are ISO 4217's. */
function decimal(minor: number, currency: string): string {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return (minor / 10 ** maximumFractionDigits).toFixed(maximumFractionDigits)
}

const sha256 = (of: Buffer): Buffer => createHash('sha256').update(of).digest()

/** Enough of RFC 8785 for what receipts hold: texts, whole numbers, and objects of them. */
function jcs(value: Json): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${jcs(value[name] ?? null)}`).join(',')}}`
}

function objectOf(value: unknown): { [name: string]: Json } {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), 'it is an object')
  return value as { [name: string]: Json }
}

function membersOf(value: unknown, names: readonly string[]): { [name: string]: Json } {
  const object = objectOf(value)
  must(Object.keys(object).sort().join() === [...names].sort().join(), `the members are ${names.join(', ')}`)
  return object
}

function intentOf(value: unknown): { [name: string]: Json } {
  const intent = objectOf(value)
  const names = 'v purpose payment payee amount reference card payer nonce notAfter'.split(' ')
  const members = membersOf(intent, 'seal' in intent ? [...names, 'seal'] : names)
  must(members.v === 1 && members.purpose === 'pay', 'it is an intent to pay')
  membersOf(members.payee, ['id', 'name', 'origin'])
  membersOf(members.amount, ['minor', 'currency'])
  return members
}

function string(value: unknown): string {
  must(typeof value === 'string', 'it is a text')
  return String(value)
}

/** Canonical base64url. */
function bytes(value: unknown): Buffer {
  const decoded = Buffer.from(string(value), 'base64url')
  must(decoded.toString('base64url') === value, 'base64url is canonical')
  return decoded
}

/** Our passkeys' CBOR is short enough to be compared with a pattern: heads are fixed, and what is between them is the key. */
function keyOfCose(cose: Buffer): KeyObject {
  const hex = cose.toString('hex')
  const [, x, y] = /^a5010203262001215820(.{64})225820(.{64})$/.exec(hex) ?? []
  const [, length = '', n, e] = /^a401030339010020(?:59(.{4}))(.+)2143(.{6})$/.exec(hex) ?? []
  const text = (part: string) => Buffer.from(part, 'hex').toString('base64url')
  if (x !== undefined && y !== undefined) {
    return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: text(x), y: text(y) } })
  }
  must(
    n !== undefined && n.length === Number.parseInt(length, 16) * 2 && n.length >= 512,
    'the passkey is of a known kind',
  )
  return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: text(n ?? ''), e: text(e ?? '') } })
}
