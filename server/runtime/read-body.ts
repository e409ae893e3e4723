import type { z } from 'zod'
import { textOfUtf8 } from '../../shared/bytes.ts'
import { Problem } from '../../shared/problem.ts'
import { parseStrictJson } from '../../shared/strict-json.ts'

const bodyBytesMax = 64 * 1024
const depthMax = 16

/**
 * Reads a JSON body into what the schema makes of it.
 * @throws {Problem} `content-type-unsupported`, `body-too-large`, `body-malformed` (not UTF-8, not JSON, a member named
 * twice, too deep, NUL or lone surrogates, or not of the schema: `detail` names the member, never its value)
 */
export async function readJson<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  const value = parseJson(await readText(request, 'application/json'))
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Problem('body-malformed', { detail: whatIsWrong(parsed.error) })
  return parsed.data
}

/** @throws {Problem} `content-type-unsupported`, `body-too-large`, `body-malformed` (not UTF-8) */
export async function readText(request: Request, contentType: string): Promise<string> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== contentType) throw new Problem('content-type-unsupported', { detail: `Send ${contentType}.` })
  const bytes = await readBytes(request)
  try {
    return textOfUtf8(bytes)
  } catch {
    throw new Problem('body-malformed', { detail: 'The body is not UTF-8.' })
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  // A socket gives as many bytes as were declared and no more (RFC 9112 §6.2); taken at once they cost half as much.
  const declaredBytes = Number(request.headers.get('content-length') ?? Number.NaN)
  const bytes =
    declaredBytes <= bodyBytesMax ? new Uint8Array(await request.arrayBuffer()) : await readUndeclaredBytes(request)
  if (bytes.length > bodyBytesMax) throw new Problem('body-too-large')
  return bytes
}

/** Stops as soon as it is too much: nobody said how much it would be. */
async function readUndeclaredBytes(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > bodyBytesMax) throw new Problem('body-too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = parseStrictJson(text)
  } catch {
    throw new Problem('body-malformed', { detail: 'The body is not JSON.' })
  }
  checkText(value, 0)
  return value
}

/** PostgreSQL cannot store NUL, and a lone surrogate has no UTF-8: neither may come further than this. */
function checkText(value: unknown, depth: number): void {
  if (depth > depthMax) throw new Problem('body-malformed', { detail: 'The body is nested too deeply.' })
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) {
      throw new Problem('body-malformed', { detail: 'The body holds NUL or half a character.' })
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      checkText(key, depth + 1)
      checkText(member, depth + 1)
    }
  }
}

function whatIsWrong(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'The body does not fit.'
  const where = issue.path.length === 0 ? 'the body' : issue.path.map(String).join('.')
  return `${where}: ${issue.code.replaceAll('_', ' ')}`
}
