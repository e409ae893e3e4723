import { Hono } from 'hono'
import type { HttpEnvironment } from '../../runtime/http.ts'
import { openApiOf } from './openapi.ts'
import { referencePage } from './reference-page.ts'

/** What a developer needs, for programs and for people. @param origin of the payment server */
export function apiReference(origin: string): Hono<HttpEnvironment> {
  const document = openApiOf(origin)
  const text = JSON.stringify(document)
  return new Hono<HttpEnvironment>()
    .get('/openapi.json', (context) => context.body(text, 200, { 'content-type': 'application/json' }))
    .get('/docs', (context) => context.html(referencePage(document)))
}
