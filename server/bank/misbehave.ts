import { base64url } from '../../shared/bytes.ts'
import { Problem } from '../../shared/problem.ts'
import type { BankOperation } from '../../shared/wire/bank-api.ts'
import type { KeyPair } from '../runtime/keys.ts'
import type { Clock, RandomBytes } from '../runtime/room.ts'

/** Longer than a payment server waits for an answer. */
const latenessMs = 15_000

/** What one exchange with a payment server is made of; a misbehaviour leaves parts of it out, or does them wrong. */
type Exchange = {
  /** Does what was asked, in the books. @returns what to answer */
  act(): Promise<unknown>
  sign(body: unknown, wrongly?: { readonly key?: KeyPair; readonly inResponseTo?: string }): Promise<string>
  /** Tells when the caller has hung up. */
  readonly signal: AbortSignal
  /** Breaks the connection. */
  breakOff(): never
}

type Misbehaviour = {
  /** One sentence for people. */
  readonly does: string
  run(exchange: Exchange, tools: MischiefTools): Promise<string>
}
type MischiefTools = {
  readonly random: RandomBytes
  readonly waiting: Waiting
  readonly retiredKey: KeyPair | undefined
}

const answered = async ({ act, sign }: Exchange): Promise<string> => sign(await act())

/** Every way in which a bank can let down those who ask it. */
const misbehaviours = {
  'answer-late': {
    does: 'Books at once, and answers 15 seconds later.',
    async run(exchange, { waiting }) {
      const answer = await answered(exchange)
      await waiting.aWhile()
      return answer
    },
  },
  'answer-never': {
    does: 'Books, and never answers.',
    async run(exchange, { waiting }) {
      await exchange.act()
      return waiting.forEver(exchange.signal)
    },
  },
  ignore: {
    does: 'Neither books nor answers.',
    run: ({ signal }, { waiting }) => waiting.forEver(signal),
  },
  'answer-twice': {
    does: 'Books, and sends the answer twice at once.',
    async run(exchange) {
      const answer = await answered(exchange)
      return `${answer}\n${answer}`
    },
  },
  'book-after-hang-up': {
    does: 'Books only when the caller has given up waiting.',
    async run(exchange, { waiting }) {
      await waiting.aWhile(exchange.signal)
      return answered(exchange)
    },
  },
  malformed: {
    does: 'Books, and answers with what is no message.',
    async run(exchange) {
      return (await answered(exchange)).slice(0, 100)
    },
  },
  'wrongly-signed': {
    does: 'Books, and answers under a signature that does not verify.',
    async run(exchange, { random }) {
      const [header, payload] = (await answered(exchange)).split('.')
      return [header, payload, base64url(random(64))].join('.')
    },
  },
  'old-key': {
    does: 'Books, and signs by a key that was its own once and is not any more.',
    async run({ act, sign }, { retiredKey }) {
      if (retiredKey === undefined) throw new Error('a bank without a retired key cannot sign by it')
      return sign(await act(), { key: retiredKey })
    },
  },
  'other-request': {
    does: 'Books, and binds the answer to another request.',
    async run({ act, sign }, { random }) {
      return sign(await act(), { inResponseTo: base64url(random(16)) })
    },
  },
  'error-before': {
    does: 'Answers 503, and books nothing.',
    async run() {
      throw new Problem('unavailable')
    },
  },
  'error-after': {
    does: 'Books, and answers 503.',
    async run({ act }) {
      await act()
      throw new Problem('unavailable')
    },
  },
  'reset-before': {
    does: 'Breaks the connection before it books.',
    run: async ({ breakOff }) => breakOff(),
  },
  'reset-after': {
    does: 'Breaks the connection after it has booked.',
    async run({ act, breakOff }) {
      await act()
      return breakOff()
    },
  },
} as const satisfies Record<string, Misbehaviour>

export type MisbehaviourName = keyof typeof misbehaviours
export const misbehaviourNames = Object.keys(misbehaviours) as [MisbehaviourName, ...MisbehaviourName[]]
export const whatItDoes = (name: MisbehaviourName): string => misbehaviours[name].does

/** The next so many exchanges of one operation, or of any. */
export type MischiefOrder = {
  readonly what: MisbehaviourName
  readonly operation: BankOperation | null
  readonly times: number
}

/**
 * What the simulator was told to do wrong. Kept in this process: a restart forgets it.
 * @param retiredKey one that the bank has signed by, and no payment server pins any more
 */
export function mischief({ clock, random }: { clock: Clock; random: RandomBytes }, retiredKey: KeyPair | undefined) {
  let orders: MischiefOrder[] = []
  const waiting = waitingRoom(clock)
  return {
    orders: (): readonly MischiefOrder[] => orders,
    add(order: MischiefOrder): void {
      orders = [...orders, order]
    },
    forget(): void {
      orders = []
    },
    /** Answers as it should, or in the way that the oldest standing order for this operation says. */
    answer(operation: BankOperation, exchange: Exchange): Promise<string> {
      const order = orders.find((candidate) => candidate.operation === null || candidate.operation === operation)
      if (order === undefined) return answered(exchange)
      orders = orders
        .map((other) => (other === order ? { ...order, times: order.times - 1 } : other))
        .filter(({ times }) => times > 0)
      return misbehaviours[order.what].run(exchange, { random, waiting, retiredKey })
    },
    tick: waiting.tick,
    close: waiting.close,
  }
}
export type Mischief = ReturnType<typeof mischief>

type Waiting = ReturnType<typeof waitingRoom>

/** Those who are kept waiting; time passes for them when the room ticks, so that a test's clock moves it too. */
function waitingRoom(clock: Clock) {
  const guests = new Set<{ readonly dueAtMs: number; enter(): void; turnAway(): void }>()

  function wait(dueAtMs: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const guest = { dueAtMs, enter: resolve, turnAway: () => reject(new Problem('unavailable')) }
    guests.add(guest)
    if (signal?.aborted) guest.enter()
    signal?.addEventListener('abort', () => guest.enter(), { once: true })
    return promise.finally(() => guests.delete(guest))
  }

  return {
    /** Until much later, or until the caller hangs up. */
    aWhile: (signal?: AbortSignal): Promise<void> => wait(clock.nowMs() + latenessMs, signal),
    /** Until the caller hangs up; then there is nobody to answer. */
    async forEver(signal: AbortSignal): Promise<never> {
      await wait(Number.POSITIVE_INFINITY, signal)
      throw new Problem('unavailable')
    },
    tick(): void {
      const nowMs = clock.nowMs()
      for (const guest of guests) if (guest.dueAtMs <= nowMs) guest.enter()
    },
    close(): void {
      for (const guest of guests) guest.turnAway()
    },
  }
}
