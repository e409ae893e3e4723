import { textOfUtf8 } from '../../shared/bytes.ts'

const depthMax = 8
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\s]*$/u

/**
 * Every word of a value: what stands between characters that are neither letters nor digits, in all its members, and in whatever is encoded in
 * it (JSON, percent signs, base64url, hex). A secret of four digits is looked for like this, since among bytes that are not taken apart four
 * digits are found by accident.
 */
export function* wordsIn(value: unknown, depth = 0): Generator<string> {
  if (depth > depthMax || value === null || value === undefined) return
  if (value instanceof Uint8Array) return yield* wordsIn(textOrNull(value), depth + 1)
  if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      yield* wordsIn(name, depth + 1)
      yield* wordsIn(member, depth + 1)
    }
    return
  }
  const text = String(value)
  yield* text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  for (const decoded of decodingsOf(text)) yield* wordsIn(decoded, depth + 1)
}

function* decodingsOf(text: string): Generator<unknown> {
  if (/^\s*[[{"]/.test(text)) yield orNull(() => JSON.parse(text))
  if (text.includes('%')) yield orNull(() => decodeURIComponent(text))
  for (const part of text.split(/[^A-Za-z0-9_+/=-]+/)) {
    if (part.length < 4 || part.length % 4 === 1) continue
    yield textOrNull(Buffer.from(part, 'base64url'))
    if (/^(?:[0-9a-f]{2})+$/i.test(part)) yield textOrNull(Buffer.from(part, 'hex'))
  }
}

/** Bytes that no program wrote as text are none. */
function textOrNull(bytes: Uint8Array): string | null {
  const text = orNull(() => textOfUtf8(bytes))
  return text !== null && printable.test(text) ? text : null
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
