import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Intents, intents } from '../../../server/payment/identity/challenge.ts'
import { makeSecret } from '../../../server/runtime/keys.ts'
import { intentLifetimeMs, type SignInIntent } from '../../../shared/intent.ts'
import { engines, many, openStoreWorld, type StoreWorld } from '../store-world.ts'

const agreement = { purpose: 'sign-in' } as const

describe.each(engines)('an intent that was signed, on %s', (engine) => {
  let world: StoreWorld<'payment'>
  let desk: Intents
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'payment')
    desk = intents({ key: makeSecret(), db: world.database.db, clock: world.clock, random: world.random })
  })
  afterEach(() => world.close())

  const takeBack = (intent: SignInIntent) =>
    desk.takeBack(intent, agreement).then(
      () => 'taken',
      ({ code }) => code,
    )
  const consumed = () => world.database.db.selectFrom('consumed_intent').selectAll().execute()

  it('is taken back once, however many bring it at the same time', async () => {
    const intent = desk.issue(agreement)
    expect(await consumed()).toEqual([]) // issuing writes nothing
    const outcomes = await many(20, () => takeBack(intent))
    expect(outcomes.toSorted()).toEqual([...Array(19).fill('intent-consumed'), 'taken'])
    expect(await consumed()).toEqual([{ nonce: intent.nonce, not_after_ms: intent.notAfter }])
  })

  it('does not use up another one', async () => {
    const [first, second] = [desk.issue(agreement), desk.issue(agreement)]
    expect([await takeBack(first), await takeBack(second), await takeBack(first)]).toEqual([
      'taken',
      'taken',
      'intent-consumed',
    ])
  })

  it('is not used up by what was never issued, or came too late', async () => {
    const intent = desk.issue(agreement)
    expect(await takeBack({ ...intent, notAfter: intent.notAfter + 1 })).toBe('intent-malformed')
    world.clock.advance(intentLifetimeMs)
    expect(await takeBack(intent)).toBe('intent-expired')
    expect(await consumed()).toEqual([])
  })

  it('is remembered for an hour after it could have been brought last, for those whose clocks are slow', async () => {
    const intent = desk.issue(agreement)
    await takeBack(intent)
    world.clock.set(intent.notAfter + 3_600_000)
    await desk.forgetOld()
    expect(await consumed()).toHaveLength(1)
    world.clock.advance(1)
    await desk.forgetOld()
    expect(await consumed()).toEqual([])
  })
})
