import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Ask, passkeyDoor } from '../../../web/doors/passkey.ts'

/**
 * What a browser is asked for, one after the other; nobody ever touches anything, but a ceremony that is called off ends.
 * @param closed the person closes each dialog
 */
function browser({ closed = false } = {}) {
  const asked: CredentialRequestOptions[] = []
  const credentials: CredentialsContainer = {
    get: (options) =>
      new Promise((_resolve, reject) => {
        if (options === undefined) return
        asked.push(options)
        if (closed) reject(new DOMException('', 'NotAllowedError'))
        options.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      }),
    create: async () => null,
    store: async () => undefined,
    preventSilentAccess: async () => undefined,
  }
  return { door: passkeyDoor(credentials), asked }
}

const ask: Ask = { challenge: new Uint8Array(32), relyingPartyId: 'pay.example', credentialIds: [] }

const can = (capabilities: Record<string, boolean>) =>
  vi.stubGlobal('PublicKeyCredential', {
    isConditionalMediationAvailable: async () => true,
    getClientCapabilities: async () => capabilities,
  })

beforeEach(() => can({}))
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

it('tells of another device where the dialog that was closed could have reached one, and nowhere else', async () => {
  const { door } = browser({ closed: true })
  await expect(door.confirm(ask)).rejects.toMatchObject({ code: 'passkey-dismissed' })
  can({ hybridTransport: true })
  await expect(door.confirm(ask)).rejects.toMatchObject({ code: 'passkey-elsewhere' })
  await expect(door.offer(ask)).rejects.toMatchObject({ code: 'passkey-dismissed' })
})

it('tells of no other device to somebody whose dialog was taken away by the next one', async () => {
  can({ hybridTransport: true })
  const { door } = browser()
  const first = door.confirm(ask)
  void door.confirm(ask)
  await expect(first).rejects.toMatchObject({ code: 'passkey-dismissed' })
})
