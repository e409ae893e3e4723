import { describe, expect, it } from 'vitest'
import type { Card, Payer } from '../../../shared/wire/payment-api.ts'
import type { LastSeen } from '../../../web/doors/last-seen.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { type WalletTools, walletRun } from '../../../web/flows/wallet-run.ts'
import { ada, adaSignedIn } from './bill.ts'
import { assertionBy, configuration, nothing, signInIntent, silentClient } from './doors.ts'

const payment = { payment: 'pay_1' } as LastSeen['payments'][number]
const frozen = (payer: Payer): Payer => ({
  ...payer,
  cards: payer.cards.map((card): Card => ({ ...card, isFrozen: true })),
})

/** A wallet on a device that remembers Ada. Each answer of the server waits until the test gives it. */
function wallet() {
  const sessions: PromiseWithResolvers<Payer>[] = []
  const payments: PromiseWithResolvers<void>[] = []
  const kept = new Map<string, Partial<LastSeen>>()
  const asked: (readonly string[])[] = []
  const answer = <T>(queue: PromiseWithResolvers<T>[]): Promise<T> => {
    const waiting = Promise.withResolvers<T>()
    queue.push(waiting)
    return waiting.promise
  }
  const tools = {
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    takeWanted: () => null,
    client: {
      ...silentClient,
      session: () => answer(sessions),
      signInIntent: async () => ({ intent: signInIntent }),
      signIn: async () => adaSignedIn,
    },
    device: { names: async () => [ada], remember: async () => undefined, forget: async () => undefined },
    passkey: {
      confirm: async ({ credentialIds }: { credentialIds: readonly string[] }) => {
        asked.push(credentialIds)
        return assertionBy('AAAA')
      },
      offer: nothing,
      endOffer: () => undefined,
    },
    push: {
      isDeclined: () => true,
      support: async () => 'missing',
      own: async () => null,
      unsubscribe: async () => undefined,
    },
    wallet: {
      signOut: async () => undefined,
      freeze: async () => frozen(adaSignedIn),
      activity: async () => {
        await answer(payments)
        return { payments: [payment], next: null }
      },
      spending: async () => ({ spent: [] }),
    },
    lastSeen: {
      of: async () => null,
      keep: async (username: string, part: Partial<LastSeen>) => {
        kept.set(username, { ...kept.get(username), ...part })
      },
      forget: async (username: string) => void kept.delete(username),
      forgetAllBut: async () => undefined,
    },
  }
  // What is not there, no test here asks for.
  const run = walletRun(tools as unknown as WalletTools, async () => configuration)
  const next = async <T>(queue: PromiseWithResolvers<T>[]): Promise<PromiseWithResolvers<T>> => {
    await expect.poll(() => queue.length).toBeGreaterThan(0)
    return queue.shift() ?? nothing()
  }
  return {
    run,
    state: () => run.flow.now(),
    kept,
    asked,
    sessionsAsked: () => sessions.length,
    session: () => next(sessions),
    payments: () => next(payments),
    async opens(): Promise<void> {
      const reading = run.read()
      const session = await next(sessions)
      session.resolve(adaSignedIn)
      await reading
    },
  }
}

describe('a wallet that is read', () => {
  it('is read once, however often it is asked for meanwhile', async () => {
    const { run, session, sessionsAsked, state } = wallet()
    const readings = [run.read(), run.read(), run.read()]
    expect(sessionsAsked()).toBe(1)
    const asked = await session()
    asked.reject(new DoorError('unavailable'))
    await Promise.all(readings)
    expect(state()).toMatchObject({ step: 'signed-out', doing: 'nothing', notice: 'unavailable' })
  })

  it('keeps nobody from signing in, and takes nobody out who has', async () => {
    const { run, session, asked, state } = wallet()
    const first = run.read()
    ;(await session()).reject(new DoorError('offline'))
    await first
    const second = run.read()
    const slow = await session()
    await run.signIn(ada)
    expect(asked).toEqual([ada.credentialIds])
    slow.reject(new DoorError('offline'))
    await second
    expect(state()).toMatchObject({ step: 'signed-in', payer: adaSignedIn })
  })
})

describe('a wallet that somebody comes back to', () => {
  it('shows what they have done rather than what was so before', async () => {
    const { run, opens, session, state } = wallet()
    await opens()
    const back = run.readAgain()
    const old = await session()
    const [card] = adaSignedIn.cards
    await run.cards.freeze(card?.id ?? nothing())
    old.resolve({ ...adaSignedIn })
    await back
    expect(state()).toMatchObject({ payer: frozen(adaSignedIn) })
  })

  it('is signed out where the session is over', async () => {
    const { run, opens, session, state } = wallet()
    await opens()
    const back = run.readAgain()
    ;(await session()).reject(new DoorError('session-missing'))
    await back
    expect(state()).toMatchObject({ step: 'signed-out', notice: 'session-missing' })
  })
})

describe('what a device keeps of a wallet', () => {
  it('is its cards as they are, and what was paid', async () => {
    const { run, opens, payments, kept } = wallet()
    await opens()
    const reading = run.activity().read(adaSignedIn)
    ;(await payments()).resolve()
    await reading
    await run.cards.freeze(adaSignedIn.cards[0]?.id ?? nothing())
    const cards = frozen(adaSignedIn).cards.map(({ id }) => expect.objectContaining({ id, isFrozen: true }))
    expect(kept.get('ada')).toMatchObject({ cards, payments: [payment] })
  })

  it('is nothing after they signed out, though an answer comes late', async () => {
    const { run, opens, payments, kept } = wallet()
    await opens()
    const reading = run.activity().read(adaSignedIn)
    const late = await payments()
    await run.signOut()
    late.resolve()
    await reading
    expect([...kept]).toEqual([])
  })

  it('is nothing after they signed out, though they come back while that is under way', async () => {
    const { run, opens, session, kept } = wallet()
    await opens()
    const back = run.readAgain()
    const leaving = run.signOut()
    ;(await session()).reject(new DoorError('session-missing'))
    await Promise.all([back, leaving])
    expect([...kept]).toEqual([])
  })
})
