import { describe, expect, it } from 'vitest'
import type { ActivityEntry, ActivityQuery } from '../../../shared/wire/payment-api.ts'
import { type ActivityEvent, activityFlow, activityRun, firstActivityFlow } from '../../../web/flows/activity-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn } from './bill.ts'

const everything = { search: '', kind: null } as const

/** The server behind the wallet, which notes what it is asked and answers when the test says. */
function activity(next: string | null = null) {
  const asked: ActivityQuery[] = []
  const rests: (() => void)[] = []
  let failure: DoorError | null = null
  let isSignedOut = false
  const run = activityRun({
    wallet: {
      activity: async (query) => {
        asked.push(query)
        if (failure) throw failure
        return { payments: [], next }
      },
      spending: async () => ({ spent: [] }),
    },
    lastSeen: { of: async () => null, keep: async () => undefined },
    takeWanted: () => null,
    pause: () => new Promise((resolve) => rests.push(resolve)),
    signedOut: async () => {
      isSignedOut = true
    },
    nowMs: () => 0,
  })
  return {
    ...run,
    asked,
    state: run.flow.now,
    isSignedOut: () => isSignedOut,
    fails: (error: DoorError) => {
      failure = error
    },
    restsFromTyping: () => {
      for (const rest of rests.splice(0)) rest()
    },
  }
}

describe('who looks for a payment', () => {
  it('is answered once they rest from typing, and to the last letter alone', async () => {
    const { sift, asked, restsFromTyping, state } = activity()
    const typing = ['o', 'ow', 'owl '].map((search) => sift({ search, kind: null }))
    expect(asked).toEqual([])
    restsFromTyping()
    await Promise.all(typing)
    expect(asked).toEqual([{ search: 'owl' }])
    expect(state()).toMatchObject({ sieve: { search: 'owl ' }, doing: 'nothing' })
  })

  it('is signed out where the session is over, and does not stand before a wallet that answers nothing', async () => {
    const { sift, read, readMore, fails, isSignedOut, state } = activity()
    fails(new DoorError('session-missing'))
    for (const ask of [() => sift({ search: '', kind: 'paid' }), () => read(adaSignedIn), readMore]) await ask()
    expect(isSignedOut()).toBe(true)
    expect(state().notice).toBeNull()
  })

  it('is answered at once where they choose a kind', async () => {
    const { sift, asked } = activity()
    await sift({ search: '', kind: 'refunded' })
    expect(asked).toEqual([{ kind: 'refunded' }])
  })

  it('reads on among what they look for', async () => {
    const { sift, readMore, asked } = activity('1~x')
    await sift({ search: '', kind: 'paid' })
    await readMore()
    expect(asked).toEqual([{ kind: 'paid' }, { kind: 'paid', before: '1~x' }])
  })

  it('reads what was in the way, and may look again', async () => {
    const { sift, fails, state } = activity()
    fails(new DoorError('offline'))
    await sift({ ...everything, kind: 'paid' })
    expect(state()).toMatchObject({ doing: 'nothing', notice: 'offline' })
  })

  it('is not shown the first page where that comes later', async () => {
    const { read, sift, flow } = activity('1~x')
    await sift({ search: '', kind: 'paid' })
    const sifted = flow.now()
    await read(adaSignedIn)
    expect(flow.now()).toEqual(sifted)
  })
})

describe('who comes back to what they were looking at', () => {
  const entry = (number: number) => ({ payment: `pay_${number}` }) as ActivityEntry
  const page = (...numbers: number[]) => numbers.map(entry)
  const having = (...events: ActivityEvent[]) => events.reduce(activityFlow, firstActivityFlow)
  const first: ActivityEvent = { type: 'read', payments: page(4, 3), spent: [], next: 'after 3' }
  const again = (...numbers: number[]): ActivityEvent => ({
    type: 'read-again',
    sieve: firstActivityFlow.sieve,
    payments: page(...numbers),
    spent: [],
    next: `after ${numbers.at(-1)}`,
  })

  it('finds what is new on top, and what they read further down where it was', () => {
    const older: ActivityEvent = { type: 'read-more', payments: page(2, 1), next: null }
    expect(having(first, older, again(5, 4))).toMatchObject({ payments: page(5, 4, 3, 2, 1), next: null })
    expect(having(first, older, again(7, 6))).toMatchObject({ payments: page(7, 6), next: 'after 6' })
    expect(having(first, again(4, 3))).toMatchObject({ payments: page(4, 3), next: 'after 3' })
  })

  it('can read on from what is now, where the list was what was seen before', () => {
    const seen: ActivityEvent = { type: 'seen-before', payments: page(4, 3, 2), spent: [], asOfMs: 1 }
    const failed: ActivityEvent = { type: 'failed', notice: 'offline' }
    const back = { payments: page(9, 4), next: 'after 4', asOfMs: null, notice: null }
    expect(having(seen, failed, again(9, 4))).toMatchObject(back)
  })

  it('is not taken away from what they look for meanwhile', () => {
    const sifting: ActivityEvent = { type: 'sifting', sieve: { search: 'owl', kind: null } }
    expect(having(first, sifting, again(5, 4))).toMatchObject({ payments: page(4, 3), doing: 'sifting' })
  })

  it('sees the payment that is open as it is now', () => {
    const opened: ActivityEvent = { type: 'opened', entry: { ...entry(4), refundedMinor: 0 } }
    const refunded = { ...entry(4), refundedMinor: 1 }
    const event: ActivityEvent = { ...again(4), payments: [refunded] } as ActivityEvent
    expect(having(first, opened, event)).toMatchObject({ open: refunded })
  })

  it('reads nothing where the server cannot be reached, and says nothing of it', async () => {
    const { read, readAgain, fails, state } = activity()
    await read(adaSignedIn)
    const before = state()
    fails(new DoorError('offline'))
    await readAgain(adaSignedIn)
    expect(state()).toBe(before)
  })
})
