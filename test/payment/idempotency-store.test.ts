import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiKeyStore } from '../../server/payment/api-key-store.ts'
import { type Idempotency, idempotency } from '../../server/payment/idempotency.ts'
import { merchantStore } from '../../server/payment/merchant-store.ts'
import type { MerchantId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { engines, many, openStoreWorld, type StoreWorld } from './store-world.ts'

const minuteMs = 60_000

describe.each(engines)('what is asked with a key, on %s', (engine) => {
  let world: StoreWorld<'payment'>
  let answers: Idempotency
  let coffee: MerchantId
  let books: MerchantId
  let done: number
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'payment')
    const { database, clock, random } = world
    answers = idempotency(database, clock)
    const merchants = merchantStore({ database, clock, random })
    const apiKeys = apiKeyStore({ db: database.db, clock, random })
    const idOf = async (name: string): Promise<MerchantId> => {
      await merchants.ensure({ name, origin: `https://${name}.example`, apiKey: name })
      return (await apiKeys.callerWith(name)).id
    }
    ;[coffee, books] = [await idOf('coffee'), await idOf('books')]
    done = 0
  })
  afterEach(() => world.close())

  const asked = (change: Partial<Parameters<Idempotency['once']>[0]> = {}) => ({
    merchant: coffee,
    route: 'POST /v1/payments',
    key: 'key',
    body: '{}',
    ...change,
  })
  const answer = async (status: 200 | 201 | 202 = 201) => {
    done += 1
    return { status, body: `answer ${done}` }
  }
  /** @returns the answer, or why there is none */
  const outcomeOf = (request = asked(), work: () => ReturnType<typeof answer> = answer): Promise<unknown> =>
    answers.once(request, work).then(
      ({ body }) => body,
      (error: unknown) => (error instanceof Problem ? error.code : error),
    )

  /** Until the first one is written down, which another connection may be slow to do. */
  const isBegun = () =>
    expect.poll(() => world.database.db.selectFrom('idempotency').selectAll().execute()).toHaveLength(1)

  it('is done once, and answered alike with what was answered then', async () => {
    expect(await answers.once(asked(), () => answer(200))).toEqual({ status: 200, body: 'answer 1' })
    expect(await answers.once(asked(), () => answer(201))).toEqual({ status: 200, body: 'answer 1' })
    expect(done).toBe(1)
  })

  it('is done once, however many ask at the same time', async () => {
    const mayAnswer = Promise.withResolvers<void>()
    const slowly = async () => {
      await mayAnswer.promise
      return answer()
    }
    const first = outcomeOf(asked(), slowly)
    await isBegun()
    expect(await many(10, () => outcomeOf())).toEqual(Array(10).fill('idempotency-key-in-use'))
    mayAnswer.resolve()
    expect(await first).toBe('answer 1')
    expect(await many(10, () => outcomeOf())).toEqual(Array(10).fill('answer 1'))
    expect(done).toBe(1)
  })

  it('begins once, also where nobody was there before', async () => {
    await many(10, () => outcomeOf())
    expect(done).toBe(1)
  })

  it('is another thing of another merchant, by another route or with another key', async () => {
    await outcomeOf()
    const others = [asked({ merchant: books }), asked({ route: 'POST /v1/other' }), asked({ key: 'another' })]
    expect(await Promise.all(others.map((other) => outcomeOf(other)))).toHaveLength(3)
    expect(done).toBe(4)
  })

  it('is refused with another body, also while the first one runs', async () => {
    const mayAnswer = Promise.withResolvers<void>()
    const first = outcomeOf(asked(), async () => {
      await mayAnswer.promise
      return answer()
    })
    await isBegun()
    expect(await outcomeOf(asked({ body: '{"other":1}' }))).toBe('idempotency-key-reused')
    mayAnswer.resolve()
    await first
    expect(await outcomeOf(asked({ body: '{"other":1}' }))).toBe('idempotency-key-reused')
    expect(done).toBe(1)
  })

  it('may be asked anew where it was refused: nothing was changed', async () => {
    const refused = () => Promise.reject(new Problem('url-refused'))
    expect(await outcomeOf(asked(), refused)).toBe('url-refused')
    expect(await outcomeOf(asked({ body: '{"mended":1}' }))).toBe('answer 1')
  })

  it('is looked at again where it is under way, with the same body alone', async () => {
    expect(await outcomeOf(asked(), () => answer(202))).toBe('answer 1')
    expect(await outcomeOf(asked({ body: '{"other":1}' }))).toBe('idempotency-key-reused')
    expect(await outcomeOf(asked(), () => answer(202))).toBe('answer 2')
    expect(await outcomeOf(asked(), () => answer(200))).toBe('answer 3')
    expect(await outcomeOf()).toBe('answer 3')
  })

  it('is done anew a minute after whoever did it was killed, and not before', async () => {
    void outcomeOf(asked(), () => new Promise(() => {}))
    await isBegun()
    world.clock.advance(minuteMs)
    expect(await outcomeOf()).toBe('idempotency-key-in-use')
    world.clock.advance(1)
    const outcomes = await many(5, () => outcomeOf())
    for (const outcome of outcomes) expect(['answer 1', 'idempotency-key-in-use']).toContain(outcome)
    expect(done).toBe(1)
  })

  it('is forgotten after seven days', async () => {
    await outcomeOf()
    world.clock.advance(7 * 24 * 60 * minuteMs)
    await answers.forgetOld()
    expect(await outcomeOf()).toBe('answer 1')
    world.clock.advance(1)
    await answers.forgetOld()
    expect(await outcomeOf()).toBe('answer 2')
  })
})
