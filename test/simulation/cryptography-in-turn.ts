const operations = [
  'decrypt',
  'deriveBits',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'verify',
] as const

type Waiting = { readonly done: Promise<unknown>; readonly deliver: () => void }
/** Null outside a run: then results come as they are ready. */
let queue: Waiting[] | null = null

/**
 * WebCrypto computes on a pool of threads, and what is ready first depends on the machine's mood. Inside a run every result is
 * handed out in the order in which it was asked for, and only when {@link deliverNext} is called.
 */
export function takeTurns(): { deliverNext(): Promise<boolean>; stop(): void } {
  if (queue !== null) throw new Error('one run at a time')
  queue = []
  return {
    async deliverNext() {
      const next = queue?.shift()
      if (next === undefined) return false
      await next.done
      next.deliver()
      return true
    },
    stop() {
      queue = null
    },
  }
}

for (const operation of operations) {
  const { subtle } = globalThis.crypto
  const compute = subtle[operation]
  Object.defineProperty(subtle, operation, {
    configurable: true,
    value: (...given: unknown[]) => inTurn(Reflect.apply(compute, subtle, given)),
  })
}

function inTurn(result: Promise<unknown>): Promise<unknown> {
  if (queue === null) return result
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = result.then(
    () => {},
    () => {},
  )
  queue.push({ done, deliver: resolve })
  return promise.then(() => result)
}
