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
      client: {
        async whoIsHere() {
          if (isOffline) throw new DoorError('offline')
          return here
        },
        async ask<Answer>(method: string, path: string) {
          given.push(`${method} ${path}`)
          return {} as Answer
        },
      },
      device: { forget: async (username) => void given.push(`the name ${username}`) },
      lastSeen: { forget: async (username) => void given.push(`what ${username} saw`) },
      push: { whose: () => whose, unsubscribe: async () => void given.push('messages') },
    },
    'ada',
  )
  return given.toSorted()
}
const ownTraces = ['the name ada', 'what ada saw']

describe('a name that is forgotten', () => {
  it('leaves nothing of what was seen', async () => {
    expect(await givenUp({})).toEqual(ownTraces)
  })

  it('is signed out, however it is spelled, and nobody else is', async () => {
    expect(await givenUp({ here: { ...adaSignedIn, username: 'Ada' } })).toEqual(['DELETE /api/session', ...ownTraces])
    expect(await givenUp({ here: { ...adaSignedIn, username: 'bob' } })).toEqual(ownTraces)
  })

  it('has its payments told here no more, also long after it was signed in; those of others are told on', async () => {
    expect(await givenUp({ whose: 'ada' })).toEqual(['messages', ...ownTraces])
    expect(await givenUp({ whose: 'bob' })).toEqual(ownTraces)
  })

  it('is forgotten without a network too', async () => {
    expect(await givenUp({ whose: 'ada', isOffline: true })).toEqual(['messages', ...ownTraces])
  })
})
