/** A browser that several people share, and one of them is to be forgotten. */
import { describe, expect, it } from 'vitest'
import type { Payer } from '../../../shared/wire/payment-api.ts'
import { forgetName } from '../../../web/flows/forget-name.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn } from './bill.ts'

/** Who is signed in, and whose payments the browser is told of. */
type Shared = { here?: Payer | null; whose?: string | null; isOffline?: boolean }

async function givenUp({ here = null, whose = null, isOffline = false }: Shared): Promise<string[]> {
  const given: string[] = []
  await forgetName(
    {
      async ask<Answer>(method: string, path: string) {
        if (isOffline) throw new DoorError('offline')
        if (method === 'GET') return { payer: here } as Answer
        given.push(`${method} ${path}`)
        return {} as Answer
      },
      lastSeen: { forget: async (username) => void given.push(`what ${username} saw`) },
      push: {
        whose: () => whose,
        own: async () => own,
        seen: async () => void given.push('messages that are shown'),
        unsubscribe: async () => void given.push('messages to come'),
      },
      pushClient: {
        async remove(id) {
          given.push(`the server’s ${id}`)
          return { applicationServerKey: '', subscriptions: [] }
        },
      },
      forgotten: { clear: () => void given.push('left to do: nothing') },
    },
    'ada',
  )
  return given.toSorted()
}
const own = { id: 'subscription', target: { endpoint: '', keys: { p256dh: '', auth: '' } }, applicationServerKey: '' }
const ownTraces = ['what ada saw']
const done = 'left to do: nothing'
const told = ['messages that are shown', 'messages to come']
const all = (...parts: string[]) => parts.toSorted()

describe('a name that is forgotten', () => {
  it('leaves nothing of what was seen', async () => {
    expect(await givenUp({})).toEqual(all(done, ...ownTraces))
  })

  it('is signed out, however it is spelled, and nobody else is', async () => {
    const signedOut = all('DELETE /api/session', done, ...ownTraces)
    expect(await givenUp({ here: { ...adaSignedIn, username: 'Ada' } })).toEqual(signedOut)
    expect(await givenUp({ here: { ...adaSignedIn, username: 'bob' } })).toEqual(all(done, ...ownTraces))
  })

  it('has its payments told here no more, also long after it was signed in; those of others are told on', async () => {
    expect(await givenUp({ whose: 'ada' })).toEqual(all(done, ...told, ...ownTraces))
    expect(await givenUp({ whose: 'bob' })).toEqual(all(done, ...ownTraces))
    expect(await givenUp({ here: adaSignedIn, whose: 'ada' })).toEqual(
      all('DELETE /api/session', 'the server’s subscription', done, ...told, ...ownTraces),
    )
  })

  it('is forgotten without a network too, and signed out once there is one', async () => {
    expect(await givenUp({ whose: 'ada', isOffline: true })).toEqual(all(...told, ...ownTraces))
  })
})
