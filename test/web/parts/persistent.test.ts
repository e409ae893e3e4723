import { describe, expect, it } from 'vitest'
import { persistent } from '../../../web/parts/persistent.ts'

/** Something that is fetched over a bad line: so many first tries fail. */
function line(failures: number) {
  const pausesMs: number[] = []
  let tries = 0
  const fetchIt = persistent(
    async () => {
      tries += 1
      if (tries <= failures) throw new TypeError(`failed ${tries}`)
      return `try ${tries}`
    },
    async (durationMs) => {
      pausesMs.push(durationMs)
    },
  )
  return { fetchIt, pausesMs, tries: () => tries }
}

describe('what is fetched persistently', () => {
  it('is fetched once, however often it is asked for', async () => {
    const { fetchIt, tries } = line(0)
    expect(await Promise.all([fetchIt(), fetchIt()])).toEqual(['try 1', 'try 1'])
    expect(await fetchIt()).toBe('try 1')
    expect(tries()).toBe(1)
  })

  it('is tried again, after longer and longer pauses', async () => {
    const { fetchIt, pausesMs } = line(3)
    expect(await fetchIt()).toBe('try 4')
    expect(pausesMs).toEqual(pausesMs.toSorted((left, right) => left - right))
    expect(pausesMs).toHaveLength(3)
  })

  it('fails where every try has failed, and is fetched anew by who asks later', async () => {
    const { fetchIt } = line(4)
    await expect(fetchIt()).rejects.toThrow('failed 4')
    expect(await fetchIt()).toBe('try 5')
  })
})
