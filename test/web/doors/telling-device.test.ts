import { expect, it } from 'vitest'
import type { PaymentClient } from '../../../web/doors/payment-client.ts'
import type { Accepted } from '../../../web/doors/signals.ts'
import { tellingDevice } from '../../../web/doors/telling-device.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { adaSignedIn } from '../flows/bill.ts'

const request: Parameters<PaymentClient['signIn']>[0] = {
  intent: { v: 1, purpose: 'sign-in', nonce: 'A'.repeat(43), notAfter: 1 },
  response: {
    ...{ id: 'id', rawId: 'id', type: 'public-key', clientExtensionResults: {} },
    response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA', userHandle: 'handle' },
  },
}

/** A client whose signing in ends like this, and what the device heard of it. */
function client(signIn: PaymentClient['signIn'], relyingPartyId = async () => 'pay.example', areHeard = true) {
  const heard: unknown[] = []
  const nothing = () => Promise.reject(new Error('not asked for in these tests'))
  const scripted = new Proxy({ signIn } as PaymentClient, {
    get: (target, name) => (name === 'signIn' ? target.signIn : nothing),
  })
  const told = tellingDevice(scripted, relyingPartyId, async () => ({
    areHeard: () => areHeard,
    accept: async (id: string, accepted: Accepted) => {
      heard.push(['accepted', id, accepted])
    },
    spell: async (id, userHandle, { username, display }) => {
      heard.push(['spelled', id, userHandle, username, display])
    },
    forget: async (id, credentialId) => {
      heard.push(['forgotten', id, credentialId])
    },
  }))
  return { told, heard }
}

const refusing = (code: string) => async () => {
  throw new DoorError(code)
}

it('tells a device after signing in which passkeys of the name there are, and how it is spelled', async () => {
  const { told, heard } = client(async () => adaSignedIn)
  expect(await told.signIn(request)).toBe(adaSignedIn)
  const credentialIds = adaSignedIn.passkeys.map(({ credentialId }) => credentialId)
  await expect
    .poll(() => heard)
    .toEqual([
      ['accepted', 'pay.example', { userHandle: 'handle', credentialIds }],
      ['spelled', 'pay.example', 'handle', adaSignedIn.username, adaSignedIn.display],
    ])
})

it('tells nothing where signing in failed', async () => {
  for (const code of ['offline', 'passkey-refused']) {
    const { told, heard } = client(refusing(code))
    await expect(told.signIn(request)).rejects.toThrow(code)
    expect(heard).toEqual([])
  }
})

it('says what to delete where the device cannot be told', async () => {
  const { told } = client(refusing('passkey-unknown'), async () => Promise.reject(new DoorError('offline')))
  await expect(told.signIn(request)).rejects.toThrow('passkey-to-delete')
})

it.each([
  ['tells a device', true, 'passkey-gone'],
  ['tells the payer, where no device listens,', false, 'passkey-to-delete'],
])('%s of a passkey that nobody has', async (_who, areHeard, code) => {
  const { told, heard } = client(refusing('passkey-unknown'), async () => 'pay.example', areHeard)
  await expect(told.signIn(request)).rejects.toThrow(code)
  expect(heard).toEqual([['forgotten', 'pay.example', 'id']])
})

it('lets in whoever signed in, though the device cannot be told', async () => {
  const { told } = client(
    async () => adaSignedIn,
    async () => {
      throw new DoorError('offline')
    },
  )
  expect(await told.signIn(request)).toBe(adaSignedIn)
})
