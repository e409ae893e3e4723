import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Ask, passkeyDoor } from '../../../web/doors/passkey.ts'

/** What a browser is asked for, one after the other; nobody ever touches anything, but a ceremony that is called off ends. */
function browser() {
  const asked: CredentialRequestOptions[] = []
  const credentials: CredentialsContainer = {
    get: (options) =>
      new Promise((_resolve, reject) => {
        if (options === undefined) return
        asked.push(options)
        options.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      }),
    create: async () => null,
    store: async () => undefined,
    preventSilentAccess: async () => undefined,
  }
  return { door: passkeyDoor(credentials), asked }
}

const ask: Ask = { challenge: new Uint8Array(32), relyingPartyId: 'pay.example', credentialIds: [] }

beforeEach(() => vi.stubGlobal('PublicKeyCredential', { isConditionalMediationAvailable: async () => true }))
afterEach(() => vi.unstubAllGlobals())

it('ends an offer for a tap', async () => {
  const { door, asked } = browser()
  const offering = door.offer(ask)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  void door.confirm(ask)
  await expect(offering).rejects.toMatchObject({ code: 'passkey-dismissed' })
  expect(asked.map(({ mediation }) => mediation)).toEqual(['conditional', 'optional'])
})

it('ends no tap for an offer, not even for one that was on its way before', async () => {
  const { door, asked } = browser()
  const offering = door.offer(ask)
  void door.confirm(ask)
  await expect(offering).rejects.toMatchObject({ code: 'passkey-dismissed' })
  expect(asked.map(({ mediation, signal }) => [mediation, signal?.aborted])).toEqual([['optional', false]])
})
