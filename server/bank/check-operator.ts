import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import type { Bank } from './bank.ts'

/**
 * Tells who may see the bank's books: everybody, where it is a simulator, and else whoever shows the operator's token. A browser asks for it
 * as the password of HTTP Basic, with any name (RFC 7617 §2); a program shows it as Bearer (RFC 6750 §2.1).
 */
export function operatorCheck({ isSimulator, operatorToken }: Bank): (context: Context) => boolean {
  if (isSimulator) return () => true
  const expected = operatorToken === null ? null : sha256(operatorToken)
  return (context) => {
    const shown = tokenIn(context.req.header('authorization') ?? '')
    return shown !== null && expected !== null && timingSafeEqual(sha256(shown), expected)
  }
}

/** Makes a browser ask its user for a password, and ask again where that was wrong. RFC 9110 §11.6.1 */
export const passwordChallenge = 'Basic realm="console", charset="UTF-8"'

function tokenIn(authorization: string): string | null {
  const [, scheme = '', credentials = ''] = /^(basic|bearer) +(\S+)$/i.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return credentials
    case 'basic':
      return /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString('utf8'))?.[1] ?? null
    default:
      return null
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
