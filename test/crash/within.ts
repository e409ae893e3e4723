import { setTimeout } from 'node:timers/promises'

const patienceMs = 90_000

/** Waits for what always ends, and says what it was where it does not: a harness that hangs tells nothing. */
export async function within<T>(what: string, promise: T): Promise<Awaited<T>> {
  const waiting = new AbortController()
  const late = setTimeout(patienceMs, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}`)
  })
  late.catch(() => {}) // called off below
  try {
    return await Promise.race([promise, late])
  } finally {
    waiting.abort()
  }
}
