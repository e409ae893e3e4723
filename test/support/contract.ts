import { z } from 'zod'
import { type OpenApi, openApiOf } from '../../server/payment/documentation/openapi.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
/** `codes`: of an answer that is a problem, which ones there can be. */
type Answers = ReadonlyMap<string, { readonly schema: z.ZodType; readonly codes: readonly string[] }>
type Route = { readonly method: string; readonly pattern: RegExp; readonly answers: Answers }

let known: readonly Route[] | null = null

/**
 * Holds an answer of the merchant API to the document that describes it, as somebody who has nothing else would read it.
 * @throws {Error} where it is not in the document, or says something else
 */
export async function assertFitsContract(request: { method: string; url: string }, response: Response): Promise<void> {
  const { pathname } = new URL(request.url)
  if (!pathname.startsWith('/v1/')) return
  known ??= routesOf(openApiOf('https://pay.example'))
  const text = await response.clone().text()
  const what = `${request.method} ${pathname} → ${response.status} ${text}`
  const route = known.find(({ method, pattern }) => method === request.method && pattern.test(pathname))
  // What is nowhere in the document is refused: for its address, or before that is looked at.
  if (route === undefined && [401, 404].includes(response.status)) return
  const contentType = response.headers.get('content-type') ?? ''
  const answer = route?.answers.get(`${response.status} ${contentType.split(';')[0]}`)
  const code: unknown = response.ok ? undefined : JSON.parse(text).code
  if (answer === undefined || (typeof code === 'string' && !answer.codes.includes(code))) {
    throw new Error(`not in the document: ${what}`)
  }
  const read = answer.schema.safeParse(JSON.parse(text))
  if (!read.success) throw new Error(`not as the document says: ${what}\n${read.error.message}`)
}

const routesOf = ({ paths, components }: OpenApi): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replace('{id}', '[^/]+')}$`),
      answers: new Map(
        Object.entries(responses).flatMap(([status, { description, content }]) =>
          Object.entries(content).map(
            ([type, { schema }]) =>
              [
                `${status} ${type}`,
                {
                  schema: z.fromJSONSchema(
                    whole(schema as Json, components.schemas as { [name: string]: Json }) as never,
                  ),
                  codes: description.split(', '),
                },
              ] as const,
          ),
        ),
      ),
    })),
  )

/** With everything that it refers to in its place. */
function whole(schema: Json, named: { readonly [name: string]: Json }): Json {
  if (typeof schema !== 'object' || schema === null) return schema
  if (isList(schema)) return schema.map((item) => whole(item, named))
  const { $ref } = schema
  if (typeof $ref === 'string') return whole(named[$ref.split('/').at(-1) ?? ''] ?? null, named)
  return Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, whole(member, named)]))
}

const isList = (json: readonly Json[] | { readonly [name: string]: Json }): json is readonly Json[] =>
  Array.isArray(json)
