/** What RFC 8785 is asked to write here: no fractions, so numbers are safe integers and have one spelling. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined }

/**
 * JSON with one spelling for one value, so that two rooms hash the same bytes.
 * Members are sorted by UTF-16 code units; a member that is `undefined` is left out.
 * @throws {RangeError} for a number that is not a safe integer, or a lone surrogate
 * @see RFC 8785 §3.2
 */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError('canonical JSON holds safe integers only')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('canonical JSON holds well-formed text only')
    return JSON.stringify(value)
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key]
      return member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`]
    })
  return `{${members.join(',')}}`
}

// Array.isArray does not narrow a readonly array out of a union.
const isList = (value: object): value is readonly CanonicalValue[] => Array.isArray(value)
