import { expect, it } from 'vitest'
import { paymentClient } from '../../../web/doors/payment-client.ts'

const failing = (response: () => Promise<Response>) => paymentClient(response).session()
const refusal =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  async () =>
    Response.json(body, { status, headers })

it('hands on what the server says, with its detail', async () => {
  const asked = failing(refusal(422, { code: 'card-refused', detail: 'wrong-code' }))
  await expect(asked).rejects.toMatchObject({ code: 'card-refused', detail: 'wrong-code', isAnswerLost: false })
})

it.each([
  ['no connection', async () => Promise.reject(new TypeError('Failed to fetch')), 'offline'],
  ['a page of a proxy', async () => new Response('<h1>Bad Gateway</h1>', { status: 502 }), 'unavailable'],
  ['our own fault', refusal(500, { code: 'internal-error' }), 'internal-error'],
] as const)('takes nothing for a no that may have been acted upon: %s', async (_what, response, code) => {
  await expect(failing(response)).rejects.toMatchObject({ code, isAnswerLost: true })
})

it('waits for no server for ever', async () => {
  const patience = new AbortController()
  const impatient = async (_path: unknown, init?: RequestInit) =>
    new Promise<never>((_, reject) => {
      if (init?.signal?.aborted) reject(init.signal.reason)
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
    })
  const halfway = async (path: unknown, init?: RequestInit) =>
    Object.assign(new Response(), { json: () => impatient(path, init) })
  const asked = [impatient, halfway].map((silent) => paymentClient(silent, () => patience.signal).session())
  const outcomes = Promise.allSettled(asked)
  patience.abort()
  const lost = { reason: expect.objectContaining({ code: 'unavailable', isAnswerLost: true }) }
  expect(await outcomes).toMatchObject([lost, lost])
})

it.each([
  ['60', 'too-many-requests'],
  ['61', 'too-many-refusals'],
  ['3600', 'too-many-refusals'],
])('tells a pause of a minute from one that is longer: %s seconds', async (seconds, code) => {
  const asked = failing(refusal(429, { code: 'too-many-requests' }, { 'retry-after': seconds }))
  await expect(asked).rejects.toMatchObject({ code, isAnswerLost: false })
})
