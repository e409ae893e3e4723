import { type Bytes, base64url, concat } from '../bytes.ts'
import { type CborMap, readCborMap } from '../cbor-map.ts'
import { refuse } from './decode.ts'

export type PasskeyAlgorithm = 'ES256' | 'RS256'

/** A passkey's public key, ready to check what `ceremony` asks of it. */
export type PasskeyKey = { readonly algorithm: PasskeyAlgorithm; readonly key: CryptoKey }

/** COSE numbers: RFC 9052 §7.1, RFC 9053 §2.1 and §7.1.1, RFC 8230 §4, RFC 8812 §2. */
const label = { kty: 1, alg: 3, crvOrModulus: -1, xOrExponent: -2, y: -3 } as const
const keyType = { ec2: 2, rsa: 3 } as const
const algorithm = { es256: -7, rs256: -257 } as const
const p256 = 1
const coordinateBytes = 32
const modulusBytesMin = 256
const uncompressedPoint = 0x04

/**
 * The two kinds of key that our passkeys have, with exactly the members that WebAuthn L3 §6.5.1.1 asks for.
 * @throws {RangeError | DOMException} for anything else, or a point that is not on the curve
 */
export async function readCoseKey(bytes: Bytes): Promise<PasskeyKey> {
  const members = membersOf(bytes)
  return algorithmIn(members) === 'RS256'
    ? { algorithm: 'RS256', key: await rsaKey(members) }
    : { algorithm: 'ES256', key: await ellipticKey(members) }
}

/** What a key signs by, without making it ready. @throws {RangeError} as above */
export const algorithmOf = (bytes: Bytes): PasskeyAlgorithm => algorithmIn(membersOf(bytes))

function membersOf(bytes: Bytes): CborMap {
  const { members, endsAt } = readCborMap(bytes)
  return endsAt === bytes.length ? members : refuse('a COSE key, alone')
}

function algorithmIn(members: CborMap): PasskeyAlgorithm {
  const is = (name: number, value: number) => members.get(name) === value || refuse('a COSE key of ES256 or RS256')
  const has = (count: number) => members.size === count || refuse(`a COSE key of ${count} members`)
  if (members.get(label.alg) === algorithm.rs256) {
    is(label.kty, keyType.rsa)
    has(4)
    return 'RS256'
  }
  is(label.alg, algorithm.es256)
  is(label.kty, keyType.ec2)
  is(label.crvOrModulus, p256)
  has(5)
  return 'ES256'
}

function ellipticKey(members: CborMap): Promise<CryptoKey> {
  const [x, y] = [bytesAt(members, label.xOrExponent), bytesAt(members, label.y)]
  if (x.length !== coordinateBytes || y.length !== coordinateBytes) return refuse('an ES256 key')
  const point = concat(Uint8Array.of(uncompressedPoint), x, y)
  return crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
}

function rsaKey(members: CborMap): Promise<CryptoKey> {
  const [modulus, exponent] = [bytesAt(members, label.crvOrModulus), bytesAt(members, label.xOrExponent)]
  if (modulus.length < modulusBytesMin || modulus[0] === 0 || exponent[0] === 0) return refuse('an RS256 key')
  const jwk = { kty: 'RSA', alg: 'RS256', n: base64url(modulus), e: base64url(exponent) }
  return crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify'])
}

function bytesAt(members: CborMap, name: number): Bytes {
  const value = members.get(name)
  return value instanceof Uint8Array ? value : refuse('a COSE key')
}
