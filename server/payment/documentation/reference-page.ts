import { html } from 'hono/html'
import type { OpenApi } from './openapi.ts'
import { page } from './page.ts'

type Schema = Readonly<Record<string, unknown>>
type Html = ReturnType<typeof html>

/** The document, for people to read: every route with what it takes and gives, then everything that has a name. */
export function referencePage({ info, paths, components }: OpenApi) {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, ...operation })),
  )
  return page(
    'Merchant API',
    html`<h1>${info.title}</h1>
    <p class="title">${info.description}</p>
    <p>Authorization is <code>Bearer</code> and a key. Whatever goes wrong is a <a href="/problems">problem</a> with a code. For programs: <a href="/openapi.json">openapi.json</a>.</p>
    <nav aria-label="Routes"><ul class="index">${routes.map(({ operationId, summary }) => html`<li><a href="#${operationId}">${summary}</a></li>`)}</ul></nav>
    ${routes.map(routeSection)}
    ${Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema))}`,
  )
}

type Route = NonNullable<OpenApi['paths'][string]['get']> & { readonly method: string; readonly path: string }

const routeSection = ({ operationId, summary, description, method, path, parameters, requestBody, responses }: Route) =>
  html`<section id="${operationId}">
    <h2>${summary}</h2>
    <p><code class="route">${method.toUpperCase()} ${path}</code></p>
    <p>${description}</p>
    ${parameters.length === 0 ? '' : html`<dl>${parameters.map((parameter) => term(parameter.name, parameter.required, parameter.schema, `${parameter.in}. ${parameter.description ?? ''}`))}</dl>`}
    ${requestBody ? html`<p>Body: ${typeText(requestBody.content['application/json']?.schema ?? {})}</p>` : ''}
    <dl>${Object.entries(responses).map(([status, { description: what, content }]) => html`<dt>${status}</dt><dd>${Object.values(content).map(({ schema }) => typeText(schema))} ${codesOf(what)}</dd>`)}</dl>
  </section>`

/** Where the words are codes of problems, each leads to its page. */
const codesOf = (text: string): Html =>
  /^[a-z-]+(, [a-z-]+)*$/.test(text)
    ? html`${text.split(', ').map((code) => html`<a href="/problems/${code}">${code}</a> `)}`
    : html`${text}`

const schemaSection = (name: string, schema: Schema): Html =>
  html`<section id="${name}">
    <h2>${name}</h2>
    ${schema.description ? html`<p>${schema.description}</p>` : ''}
    ${membersOf(schema)}
  </section>`

function membersOf({ properties, required }: Schema): Html {
  const members = Object.entries((properties ?? {}) as Record<string, Schema>)
  if (members.length === 0) return html`<p>An empty object: <code>{}</code>.</p>`
  const needed = Array.isArray(required) ? required : []
  return html`<dl>${members.map(([name, schema]) => term(name, needed.includes(name), schema, `${schema.description ?? ''}`))}</dl>`
}

const term = (name: string, isNeeded: boolean, schema: Schema, words: string): Html =>
  html`<dt><code>${name}</code>${isNeeded ? '' : ' (may be absent)'}</dt>
  <dd>${typeText(schema)} ${words} ${schema.type === 'object' && schema.properties ? membersOf(schema) : ''}</dd>`

function typeText(schema: Schema): Html {
  const { $ref, anyOf, enum: words, const: word, type, items, pattern } = schema
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1)
    return html`<a href="#${name}">${name}</a>`
  }
  if (Array.isArray(anyOf))
    return html`${anyOf.map((one, index) => html`${index === 0 ? '' : ' or '}${typeText(one)}`)}`
  if (Array.isArray(words))
    return html`${words.map((text, index) => html`${index === 0 ? '' : ', '}<code>${text}</code>`)}.`
  if (word !== undefined) return html`<code>${word}</code>.`
  if (type === 'array') return html`list of ${typeText((items ?? {}) as Schema)}`
  return html`${Array.isArray(type) ? type.join(' or ') : type}${pattern ? html`, <code>${pattern}</code>` : ''}.`
}
