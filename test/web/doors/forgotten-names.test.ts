/** Who was forgotten without a network comes back signed in, unless somebody remembers that they are not wanted. */
import { describe, expect, it } from 'vitest'
import type { Payer } from '../../../shared/wire/payment-api.ts'
import { forgottenNames, leavingForgotten } from '../../../web/doors/forgotten-names.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn } from '../flows/bill.ts'
import { assertionBy, signInIntent, silentClient } from '../flows/doors.ts'

const bob: Payer = { ...adaSignedIn, username: 'bob' }

/** A browser in whose session is who is here, as long as nobody signs them out. */
function browser(here: Payer | null) {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const forgotten = forgottenNames(storage)
  const line = { isDown: false, signsOut: 0 }
  let session = here
  const answer = () => {
    if (line.isDown) throw new DoorError('offline')
    return session
  }
  const client = leavingForgotten(
    {
      ...silentClient,
      whoIsHere: async () => answer(),
      async session() {
        const payer = answer()
        if (payer === null) throw new DoorError('session-missing')
        return payer
      },
      signIn: async () => adaSignedIn,
      async ask<Answer>() {
        answer()
        line.signsOut += 1
        session = null
        return {} as Answer
      },
    },
    forgotten,
  )
  return { client, forgotten, line, signsIn: (payer: Payer) => (session = payer) }
}

describe('a name that was forgotten', () => {
  it('is signed out before anybody is taken for it', async () => {
    const { client, forgotten, line } = browser(adaSignedIn)
    forgotten.add('ada')
    expect(await client.whoIsHere()).toBeNull()
    expect(line.signsOut).toBe(1)
    await expect(client.session()).rejects.toMatchObject({ code: 'session-missing' })
  })

  it('is signed out in the wallet as well, as soon as there is a network', async () => {
    const { client, forgotten, line } = browser(adaSignedIn)
    forgotten.add('ada')
    line.isDown = true
    await expect(client.session()).rejects.toMatchObject({ code: 'offline' })
    line.isDown = false
    await expect(client.session()).rejects.toMatchObject({ code: 'session-missing' })
    expect(line.signsOut).toBe(1)
  })

  it('is who it was, once somebody signs in with it again', async () => {
    const { client, forgotten, line, signsIn } = browser(null)
    forgotten.add('ada')
    await expect(client.session()).rejects.toMatchObject({ code: 'session-missing' })
    signsIn(adaSignedIn)
    expect(await client.session()).toEqual(adaSignedIn)
    forgotten.add('ada')
    await client.signIn({ intent: signInIntent, response: assertionBy('AAAA') })
    expect(await client.whoIsHere()).toEqual(adaSignedIn)
    expect(line.signsOut).toBe(0)
  })

  it('takes nobody else along', async () => {
    const { client, forgotten, line } = browser(bob)
    forgotten.add('ada')
    forgotten.add('carol')
    expect(await client.session()).toEqual(bob)
    expect(line.signsOut).toBe(0)
    expect(forgotten.has('carol')).toBe(false)
  })
})
