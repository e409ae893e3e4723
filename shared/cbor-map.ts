import type { Bytes } from './bytes.ts'

/** Integers to integers and byte strings: all that a COSE key is made of (RFC 9052 §7). */
export type CborMap = ReadonlyMap<number, number | Bytes>

/** CBOR major types (RFC 8949 §3.1). */
const majorType = { unsigned: 0, negative: 1, bytes: 2, map: 5 } as const

/**
 * Reads a map of integers to integers and byte strings, every head in its shortest form and no member twice.
 * @returns the map, and where it ends
 * @throws {RangeError} for anything else
 */
export function readCborMap(bytes: Bytes, startsAt = 0): { members: CborMap; endsAt: number } {
  let offset = startsAt
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
  return members.size === map.argument ? { members, endsAt: offset } : refuse('a CBOR map of different members')
}

const shiftIn = (sum: number, byte: number): number => sum * 0x100 + byte

function refuse(wanted: string): never {
  throw new RangeError(`this is not ${wanted}`)
}
