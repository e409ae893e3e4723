import { type Bytes, base64url, concat } from '../bytes.ts'
import { refuse } from './decode.ts'

/** A passkey's public key, ready to check what `ceremony` asks of it. */
export type PasskeyKey = { readonly algorithm: 'ES256' | 'RS256'; readonly key: CryptoKey }

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
  const members = readMap(bytes)
  const is = (name: number, value: number) => members.get(name) === value || refuse('a COSE key of ES256 or RS256')
  if (members.get(label.alg) === algorithm.rs256) {
    is(label.kty, keyType.rsa)
    return { algorithm: 'RS256', key: await rsaKey(members) }
  }
  is(label.alg, algorithm.es256)
  is(label.kty, keyType.ec2)
  is(label.crvOrModulus, p256)
  return { algorithm: 'ES256', key: await ellipticKey(members) }
}

type Members = ReadonlyMap<number, number | Bytes>

function ellipticKey(members: Members): Promise<CryptoKey> {
  const [x, y] = [bytesAt(members, label.xOrExponent), bytesAt(members, label.y)]
  const isRight = members.size === 5 && x.length === coordinateBytes && y.length === coordinateBytes
  if (!isRight) return refuse('an ES256 key')
  const point = concat(Uint8Array.of(uncompressedPoint), x, y)
  return crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
}

function rsaKey(members: Members): Promise<CryptoKey> {
  const [modulus, exponent] = [bytesAt(members, label.crvOrModulus), bytesAt(members, label.xOrExponent)]
  const isShort = modulus.length < modulusBytesMin || modulus[0] === 0 || exponent[0] === 0
  if (members.size !== 4 || isShort) return refuse('an RS256 key')
  const jwk = { kty: 'RSA', alg: 'RS256', n: base64url(modulus), e: base64url(exponent) }
  return crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify'])
}

function bytesAt(members: Members, name: number): Bytes {
  const value = members.get(name)
  return value instanceof Uint8Array ? value : refuse('a COSE key')
}

/** CBOR major types (RFC 8949 §3.1): all that a COSE key is made of. */
const majorType = { unsigned: 0, negative: 1, bytes: 2, map: 5 } as const

/** One map of integers to integers and byte strings, every head in its shortest form, and nothing after it. */
function readMap(bytes: Bytes): Members {
  let offset = 0
  const head = (): { major: number; argument: number } => {
    const initial = bytes[offset] ?? refuse('CBOR')
    const [major, short] = [initial >> 5, initial & 0x1f]
    const extraBytes = short < 24 ? 0 : short === 24 ? 1 : short === 25 ? 2 : refuse('CBOR of this size')
    const argument = extraBytes === 0 ? short : bytes.slice(offset + 1, offset + 1 + extraBytes).reduce(shiftIn, 0)
    // RFC 8949 §4.2.1
    if (extraBytes > 0 && argument < (extraBytes === 1 ? 24 : 0x100)) return refuse('CBOR in its shortest form')
    offset += 1 + extraBytes
    return { major, argument }
  }
  const integer = ({ major, argument }: ReturnType<typeof head>): number =>
    major === majorType.unsigned ? argument : major === majorType.negative ? -1 - argument : refuse('an integer')
  const value = (): number | Bytes => {
    const next = head()
    if (next.major !== majorType.bytes) return integer(next)
    const content = bytes.slice(offset, offset + next.argument)
    offset += next.argument
    return content.length === next.argument ? content : refuse('CBOR: it ends early')
  }
  const map = head()
  if (map.major !== majorType.map) return refuse('a CBOR map')
  const members = new Map<number, number | Bytes>()
  for (let count = 0; count < map.argument; count += 1) members.set(integer(head()), value())
  const isWhole = members.size === map.argument && offset === bytes.length
  return isWhole ? members : refuse('a CBOR map of different members, alone')
}

const shiftIn = (sum: number, byte: number): number => sum * 0x100 + byte
