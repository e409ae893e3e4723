import { z } from 'zod'
import { type ProblemCode, problems } from '../../../shared/problem.ts'
import { type MerchantRoute, merchantRoutes, namedSchemas, problemsOfAll, problemsOfPosts } from './merchant-routes.ts'

type JsonSchema = Readonly<Record<string, unknown>>
type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>
type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>
}
/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), as far as we write one. */
export type OpenApi = {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post', Operation>>>>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
  }
}

const pathOf = (name: string): string => `#/components/schemas/${name}`
const ref = (name: string): JsonSchema => ({ $ref: pathOf(name) })

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457. Decide by “code”, which stays as it is; “type” leads to a page that says what to do.',
  properties: {
    type: { type: 'string', pattern: '^/problems/' },
    code: { type: 'string', enum: Object.keys(problems) },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
  },
  required: ['type', 'code', 'status', 'title'],
}

/** The merchant API, generated from the very schemas that read requests. @param origin of the payment server */
export function openApiOf(origin: string): OpenApi {
  const paths: Record<string, Partial<Record<'get' | 'post', Operation>>> = {}
  for (const route of merchantRoutes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Moniker merchant API',
      version: '1',
      description: 'Take payments by name. Amounts are whole minor units, times are milliseconds since the Unix epoch.',
    },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'mk_test_… or mk_live_…' } },
      schemas: { ...schemas(), Problem: problemSchema },
    },
  }
}

/** What a request may say and an answer says, before anything reads it: that is what goes over the wire. */
function schemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(namedSchemas)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, { uri: pathOf, io: 'input' }).schemas
  return Object.fromEntries(Object.entries(made).map(([id, schema]) => [id, withoutIdentity(schema)]))
}

/** In one document a schema is where it is, and in the dialect of the whole. */
const withoutIdentity = ({ $id: _id, $schema: _schema, ...schema }: JsonSchema): JsonSchema => schema

function operationOf(route: MerchantRoute): Operation {
  const { method, path, summary, more, scope, body, answers, problems: own } = route
  const codes = [...own, ...(method === 'post' ? problemsOfPosts : []), ...problemsOfAll]
  return {
    operationId: operationIdOf(route),
    summary,
    description: `${more === undefined ? '' : `${more} `}Takes a key with the scope “${scope}”.`,
    security: [{ apiKey: [] }],
    parameters: [...idOf(path), ...queryOf(route), ...(method === 'post' ? [idempotencyKey] : [])],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } } }),
    responses: { ...answersOf(answers), ...problemsOf(codes) },
  }
}

/** `payments.capture`, `payments.list`: as the package for shops calls them. */
function operationIdOf({ method, path }: MerchantRoute): string {
  const [, , resource = '', id, act] = path.split('/')
  const verb = act ?? (method === 'post' ? 'create' : id === undefined ? 'list' : 'retrieve')
  return `${resource.replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())}.${verb}`
}

const idOf = (path: string): Parameter[] =>
  path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : []

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'A new one for each thing that is to happen once. The same request with the same key is done once.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

function queryOf({ query }: MerchantRoute): Parameter[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' })
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query' as const, required: required.includes(name) },
    schema: typeof schema === 'object' ? { ...schema } : {},
  }))
}

const answersOf = (answers: MerchantRoute['answers']) =>
  Object.fromEntries(
    Object.entries(answers).map(([status, name]) => [
      status,
      {
        description: status === '202' ? 'It is under way.' : 'It is done.',
        content: { 'application/json': { schema: ref(name) } },
      },
    ]),
  )

function problemsOf(codes: readonly ProblemCode[]): Operation['responses'] {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([one], [other]) => one - other)
      .map(([status, some]) => [
        status,
        { description: some.join(', '), content: { 'application/problem+json': { schema: ref('Problem') } } },
      ]),
  )
}
