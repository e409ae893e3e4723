import { Hono } from 'hono'
import type { HttpEnvironment } from '../../runtime/http.ts'
import { openApiOf } from './openapi.ts'
import { referencePage } from './reference-page.ts'

/**
 * What a developer needs, for programs and for people. Made when first asked for: a server that starts has more urgent things to do.
 * @param origin of the payment server
 */
export function apiReference(origin: string): Hono<HttpEnvironment> {
  let made: { readonly text: string; readonly page: ReturnType<typeof referencePage> } | null = null
  const reference = () => {
    if (made === null) {
      const document = openApiOf(origin)
      made = { text: JSON.stringify(document), page: referencePage(document) }
    }
    return made
  }
  return new Hono<HttpEnvironment>()
    .get('/openapi.json', (context) => context.body(reference().text, 200, { 'content-type': 'application/json' }))
    .get('/docs', (context) => context.html(reference().page))
}
