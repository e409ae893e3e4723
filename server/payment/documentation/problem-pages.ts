import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { Problem, type ProblemCode, problems } from '../../../shared/problem.ts'
import type { HttpEnvironment } from '../../runtime/http.ts'
import { page } from './page.ts'
import { remedies } from './problem-remedies.ts'

const codes = Object.keys(problems) as ProblemCode[]
const style = readFileSync(new URL('./documentation.css', import.meta.url), 'utf8')

/** What the `type` of every problem leads to (RFC 9457 §3.1.1: it should lead to documentation that people read). */
export const problemPages = (): Hono<HttpEnvironment> =>
  new Hono<HttpEnvironment>()
    .get('/', (context) => context.html(allPage()))
    .get('/style.css', (context) => context.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
    .get('/:code', (context, next) => {
      const code = codes.find((known) => known === context.req.param('code'))
      return code === undefined ? next() : context.html(onePage(code))
    })

const allPage = () =>
  page(
    'Problems',
    html`<h1>Problems</h1>
    <p>A request that fails is answered with <code>application/problem+json</code>. The codes stay as they are; the sentences may change.</p>
    <ul>
      ${codes.map((code) => html`<li><a href="/problems/${code}">${code}</a> <b>${problems[code].status}</b><br>${problems[code].title}</li>`)}
    </ul>`,
  )

const onePage = (code: ProblemCode) =>
  page(
    code,
    html`<p><a href="/problems">All problems</a></p>
    <h1>${code}</h1>
    <p class="title">${problems[code].title}</p>
    <h2>What to do</h2>
    <p>${remedies[code]}</p>
    <h2>As it is sent</h2>
    <pre tabindex="0">HTTP ${problems[code].status}
content-type: application/problem+json

${JSON.stringify(new Problem(code), null, 2)}</pre>`,
  )
