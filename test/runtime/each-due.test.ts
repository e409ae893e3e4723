import { expect, it } from 'vitest'
import { forEachDue } from '../../server/runtime/each-due.ts'
import { silentLog } from '../../server/runtime/log.ts'

const due = Array.from({ length: 12 }, (_, index) => index)

/** Work that ends when it is told to. */
function slowWork() {
  const underway = new Map<number, PromiseWithResolvers<void>>()
  const begun: number[] = []
  return {
    begun,
    act(item: number): Promise<void> {
      const ending = Promise.withResolvers<void>()
      underway.set(item, ending)
      begun.push(item)
      return ending.promise.finally(() => underway.delete(item))
    },
    end: (item: number) => underway.get(item)?.resolve(),
    endAll: () => {
      for (const { resolve } of underway.values()) resolve()
    },
  }
}

it('does a few at a time, and the next as soon as one of them is done', async () => {
  const work = slowWork()
  const done = forEachDue(due, silentLog, work.act)
  await expect.poll(() => work.begun).toEqual([0, 1, 2, 3, 4])
  work.end(3)
  await expect.poll(() => work.begun).toEqual([0, 1, 2, 3, 4, 5])
  for (const item of due) {
    await expect.poll(() => work.begun).toContain(item)
    work.end(item)
  }
  await done
})

it('does each of them once, also where some go wrong', async () => {
  const begun: number[] = []
  const errors: string[] = []
  await forEachDue(due, { ...silentLog, error: (event) => errors.push(event) }, async (item) => {
    begun.push(item)
    if (item % 3 === 0) throw new Error('this one does not work')
  })
  expect(begun).toEqual(due)
  expect(errors).toEqual(Array(4).fill('due-work-failed'))
})

it('begins nothing more once it is stopped, and ends when what it began has ended', async () => {
  const work = slowWork()
  const stop = new AbortController()
  const done = forEachDue(due, silentLog, work.act, stop.signal)
  await expect.poll(() => work.begun.length).toBe(5)
  stop.abort()
  work.endAll()
  await done
  expect(work.begun).toHaveLength(5)
})

it('begins nothing where it was stopped before', async () => {
  const work = slowWork()
  await forEachDue(due, silentLog, work.act, AbortSignal.abort())
  expect(work.begun).toEqual([])
})
