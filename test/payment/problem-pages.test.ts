import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProblemCode, problems } from '../../shared/problem.ts'
import { openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
beforeAll(async () => {
  world = await openPaymentWorld()
})
afterAll(() => world.close())

const open = (path: string) => world.http(new Request(`${walletOrigin}${path}`))

describe('the type of a problem', () => {
  it('leads from the answer to a page about it', async () => {
    const refused = await open('/v1/payments')
    const { type, title } = await refused.json()
    const page = await open(type)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    expect(await page.text()).toContain(title)
  })

  it.each(Object.keys(problems) as ProblemCode[])('%s has a page of its own, and is on the list', async (code) => {
    const page = await (await open(`/problems/${code}`)).text()
    expect(page).toContain(`<h1>${code}</h1>`)
    expect(page).toContain(`HTTP ${problems[code].status}`)
    expect(await (await open('/problems')).text()).toContain(`href="/problems/${code}"`)
  })

  it('that does not exist has none', async () => {
    expect((await open('/problems/nothing-wrong')).status).toBe(404)
  })

  it('is read under the same policy as every page, with a style from here', async () => {
    const page = await open('/problems')
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self'")
    const [, style] = /<link rel="stylesheet" href="([^"]+)"/.exec(await page.text()) ?? []
    expect((await open(style ?? '')).headers.get('content-type')).toBe('text/css; charset=utf-8')
  })
})
