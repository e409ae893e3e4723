/**
 * Looks for a secret in bytes, in every spelling a program might have left it in: plain, grouped, hex, base64 at each of the
 * three alignments, UTF-16 of either order, and any of these with its letters' case changed.
 */
export type Canary = { readonly name: string; readonly spellings: readonly { how: string; bytes: Buffer }[] }

export function canary(name: string, secret: string): Canary {
  const grouped = (separator: string) => secret.replace(/(.{4})(?=.)/g, `$1${separator}`)
  const texts: [string, string][] = [
    ['plain', secret],
    ['grouped by spaces', grouped(' ')],
    ['grouped by hyphens', grouped('-')],
    ['reversed', [...secret].reverse().join('')],
    ['full-width', secret.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ['hex', Buffer.from(secret).toString('hex')],
    ['hex, upper case', Buffer.from(secret).toString('hex').toUpperCase()],
    ...[0, 1, 2].map((alignment): [string, string] => [`base64 at ${alignment}`, base64At(secret, alignment)]),
  ]
  const utf16 = Buffer.from(secret, 'utf16le')
  return {
    name,
    spellings: [
      ...texts
        .filter(([how, text], index) => index === 0 || (text !== secret && how !== ''))
        .map(([how, text]) => ({ how, bytes: Buffer.from(text) })),
      { how: 'UTF-16, little endian', bytes: utf16 },
      { how: 'UTF-16, big endian', bytes: Buffer.from(utf16).swap16() },
    ],
  }
}

/** The characters of base64 that do not depend on what stands before or after the secret. */
function base64At(secret: string, alignment: number): string {
  const encoded = Buffer.from(' '.repeat(alignment) + secret)
    .toString('base64')
    .replaceAll('=', '')
  const leading = alignment === 0 ? 0 : alignment + 1
  const isWhole = (secret.length + alignment) % 3 === 0
  return encoded.slice(leading, isWhole ? undefined : -1)
}

/** @returns `name: spelling` of each canary that sings */
export function sightings(canaries: readonly Canary[], bytes: Buffer): string[] {
  return canaries.flatMap(({ name, spellings }) =>
    spellings.filter((spelling) => bytes.includes(spelling.bytes)).map(({ how }) => `${name}: ${how}`),
  )
}
