import { describe, expect, it } from 'vitest'
import type { Allowance, Card, Payer } from '../../../shared/wire/payment-api.ts'
import type { LastSeen } from '../../../web/doors/last-seen.ts'
import type { CardRun } from '../../../web/flows/card-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { type WalletTools, walletRun } from '../../../web/flows/wallet-run.ts'
import { ada, adaSignedIn } from './bill.ts'
import { assertionBy, configuration, nothing, signInIntent, silentClient } from './doors.ts'
import { closingIntent } from './passkey-world.ts'

const payment = { payment: 'pay_1' } as LastSeen['payments'][number]
const card = adaSignedIn.cards[0]?.id ?? nothing()
const grace: Payer = { ...adaSignedIn, username: 'grace', display: 'Grace' }
const lost = () => Promise.reject(new DoorError('offline'))
const frozen = (payer: Payer): Payer => ({
  ...payer,
  cards: payer.cards.map((card): Card => ({ ...card, isFrozen: true })),
})

/** A wallet on a device that remembers Ada. Each answer of the server waits until the test gives it. */
function wallet() {
  const sessions: PromiseWithResolvers<Payer>[] = []
  const payments: PromiseWithResolvers<void>[] = []
  const freezes: PromiseWithResolvers<Payer>[] = []
  const standings: PromiseWithResolvers<Payer>[] = []
  const limits: PromiseWithResolvers<Allowance>[] = []
  const closings: PromiseWithResolvers<void>[] = []
  const offers: PromiseWithResolvers<void>[] = []
  const remembered: string[] = []
  const forgotten: string[] = []
  const kept = new Map<string, Partial<LastSeen>>()
  const asked: (readonly string[])[] = []
  const answer = <T>(queue: PromiseWithResolvers<T>[]): Promise<T> => {
    const waiting = Promise.withResolvers<T>()
    queue.push(waiting)
    return waiting.promise
  }
  let passkeyOf = adaSignedIn
  const tools = {
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    takeWanted: () => null,
    client: {
      ...silentClient,
      session: () => answer(sessions),
      signInIntent: async () => ({ intent: signInIntent }),
      signIn: async () => passkeyOf,
    },
    device: {
      names: async () => [ada],
      remember: async ({ username }: { username: string }) => void remembered.push(username),
      forget: async (username: string) => void forgotten.push(username),
    },
    passkeys: { list: async () => ({ userHandle: 'handle', passkeys: [] }) },
    signals: { accept: async () => undefined },
    limits: { of: () => answer(limits) },
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
      whose: () => null,
    },
    wallet: {
      signOut: async () => undefined,
      prefer: lost,
      unfreeze: lost,
      remove: lost,
      freeze: () => answer(freezes),
      standing: () => answer(standings),
      removalIntent: async () => {
        await answer(offers)
        return { intent: { ...closingIntent, purpose: 'remove-card', card } }
      },
      unfreezeIntent: async () => {
        await answer(offers)
        return { intent: { ...closingIntent, purpose: 'unfreeze-card', card, freezes: 1 } }
      },
      closingIntent: async () => ({ intent: closingIntent }),
      close: () => answer(closings),
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
    freeze: () => next(freezes),
    standing: () => next(standings),
    limits: () => next(limits),
    closing: () => next(closings),
    /** What a passkey is to sign. */
    offer: () => next(offers),
    remembered,
    forgotten,
    async opens(payer = adaSignedIn): Promise<void> {
      const reading = run.read()
      const session = await next(sessions)
      session.resolve(payer)
      await reading
    },
    async freezes(): Promise<void> {
      const freezing = run.cards.freeze(card)
      ;(await next(freezes)).resolve(frozen(adaSignedIn))
      await freezing
    },
    /** Who was there leaves, and somebody else signs in by a passkey of theirs. */
    async isHandedTo(payer: Payer): Promise<void> {
      await run.signOut()
      passkeyOf = payer
      await run.signIn(null)
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
    const { run, opens, session, freezes, state } = wallet()
    await opens()
    const back = run.readAgain()
    const old = await session()
    await freezes()
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
    const { run, opens, payments, freezes, kept } = wallet()
    await opens()
    const reading = run.activity().read(adaSignedIn)
    ;(await payments()).resolve()
    await reading
    await freezes()
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

describe('an answer to somebody who has left', () => {
  it('is not shown to who came after them, nor is their name remembered once more', async () => {
    const { run, opens, isHandedTo, freeze, state, remembered } = wallet()
    await opens()
    const freezing = run.cards.freeze(card)
    const late = await freeze()
    await isHandedTo(grace)
    late.resolve(frozen(adaSignedIn))
    await freezing
    expect(state()).toMatchObject({ step: 'signed-in', payer: grace })
    expect(remembered).toEqual(['ada', 'grace'])
  })

  it('says to nobody else what went wrong', async () => {
    const { run, opens, isHandedTo, freeze, state } = wallet()
    await opens()
    const freezing = run.cards.freeze(card)
    const late = await freeze()
    await isHandedTo(grace)
    late.reject(new DoorError('card-unknown'))
    await freezing
    expect(state()).toMatchObject({ payer: grace, failure: null })
  })

  it('ends nobody’s session but theirs', async () => {
    const { run, opens, isHandedTo, session, freeze, limits, payments, state } = wallet()
    await opens()
    const asked = [
      run.readAgain(),
      run.cards.freeze(card),
      run.limits(adaSignedIn, card).read(),
      run.activity().read(adaSignedIn),
    ]
    const late = [await session(), await freeze(), await limits(), await payments()]
    await isHandedTo(grace)
    for (const answer of late) answer.reject(new DoorError('session-missing'))
    await Promise.all(asked)
    expect(state()).toMatchObject({ step: 'signed-in', payer: grace })
  })
})

it('who closed their account and left before the answer is forgotten, and nobody else is', async () => {
  const { run, opens, isHandedTo, closing, state, forgotten } = wallet()
  await opens()
  const leaving = run.account(adaSignedIn).close()
  const late = await closing()
  await isHandedTo(grace)
  late.resolve()
  await leaving
  expect(forgotten).toEqual(['ada'])
  expect(state()).toMatchObject({ step: 'signed-in', payer: grace })
})

describe('a change of a card whose answer got lost', () => {
  type Act = (cards: CardRun) => Promise<void>
  const withCard = (change: Partial<Card>): Payer => ({
    ...adaSignedIn,
    cards: adaSignedIn.cards.map((kept) => (kept.id === card ? { ...kept, ...change } : kept)),
  })
  const withoutCard: Payer = { ...adaSignedIn, cards: adaSignedIn.cards.filter(({ id }) => id !== card) }
  /** What it becomes, by what act, whether a passkey signs that, and who has the card before and after. */
  const acts: readonly [string, Act, boolean, Payer, Payer][] = [
    ['first', (cards) => cards.prefer(card), false, withCard({ isDefault: false }), withCard({ isDefault: true })],
    ['unfrozen', (cards) => cards.unfreeze(card), true, withCard({ isFrozen: true }), withCard({ isFrozen: false })],
    ['removed', (cards) => cards.remove(card), true, adaSignedIn, withoutCard],
  ]
  async function acted(act: Act, isSigned: boolean, before: Payer) {
    const opened = wallet()
    await opened.opens(before)
    opened.run.flow.send({ type: 'card-opened', card })
    opened.run.flow.send({ type: 'removing', isRemoving: true })
    const acting = act(opened.run.cards)
    if (isSigned) (await opened.offer()).resolve()
    return { ...opened, acting, asked: await opened.session() }
  }

  it.each(acts)('has come about where it is %s now', async (_what, act, isSigned, before, after) => {
    const { acting, asked, state } = await acted(act, isSigned, before)
    asked.resolve(after)
    await acting
    expect(state()).toMatchObject({ payer: after, doing: null, failure: null })
  })

  it.each(acts)('has not where it is not %s', async (_what, act, isSigned, before) => {
    const { acting, asked, state } = await acted(act, isSigned, before)
    asked.resolve(before)
    await acting
    expect(state()).toMatchObject({ payer: before, doing: null, failure: { notice: 'offline', card } })
  })

  it.each(acts)('is none where nobody can say whether it is %s', async (_what, act, isSigned, before) => {
    const { acting, asked, state } = await acted(act, isSigned, before)
    asked.reject(new DoorError('offline'))
    await acting
    expect(state()).toMatchObject({ payer: before, doing: null, failure: { notice: 'offline', card } })
  })
})

describe('a passkey', () => {
  it('is not asked to remove a card that somebody wants to keep after all', async () => {
    const { run, opens, offer, asked, state } = wallet()
    await opens()
    run.flow.send({ type: 'card-opened', card })
    run.flow.send({ type: 'removing', isRemoving: true })
    const removing = run.cards.remove(card)
    const late = await offer()
    run.flow.send({ type: 'removing', isRemoving: false })
    late.resolve()
    await removing
    expect(asked).toEqual([])
    expect(state()).toMatchObject({ payer: adaSignedIn, open: card, doing: null, failure: null })
  })

  it('is not asked to unfreeze a card of somebody who has left', async () => {
    const { run, opens, offer, asked, state } = wallet()
    await opens()
    const unfreezing = run.cards.unfreeze(card)
    const late = await offer()
    await run.signOut()
    late.resolve()
    await unfreezing
    expect(asked).toEqual([])
    expect(state()).toMatchObject({ step: 'signed-out', notice: null })
  })
})

describe('a bank that is asked what it has heard of two cards', () => {
  const awaited = { state: 'awaited', url: 'https://bank.example/', expiresAtMs: 1 } as const
  const asked: Payer = { ...adaSignedIn, cards: adaSignedIn.cards.map((card) => ({ ...card, confirmation: awaited })) }

  it('ends nothing that was begun meanwhile', async () => {
    const { run, opens, standing, freeze, state } = wallet()
    await opens(asked)
    const asking = run.cards.askAboutAll()
    const first = await standing()
    const freezing = run.cards.freeze(card)
    first.resolve(adaSignedIn)
    await asking
    expect(state()).toMatchObject({ doing: { act: 'freezing', card }, payer: asked })
    ;(await freeze()).resolve(frozen(asked))
    await freezing
    expect(state()).toMatchObject({ doing: null, payer: frozen(asked) })
  })
})
