import type { Payer } from '../../shared/wire/payment-api.ts'
import { DoorError } from '../flows/notice.ts'
import type { PaymentClient } from './payment-client.ts'
import type { SignalsDoor } from './signals.ts'

/**
 * After every sign-in, wherever it is, the device hears which passkeys of that name there are, and how it is spelled; and after one in vain,
 * with one that nobody has, that there is none such. Signing in then fails with `passkey-gone`, or with `passkey-to-delete` where the device hears nothing.
 */
export function tellingDevice(
  client: PaymentClient,
  relyingPartyId: () => Promise<string>,
  signals: () => Promise<SignalsDoor>,
): PaymentClient {
  async function tell(userHandle: string, payer: Payer): Promise<void> {
    const [id, door] = await Promise.all([relyingPartyId(), signals()])
    await door.accept(id, { userHandle, credentialIds: payer.passkeys.map(({ credentialId }) => credentialId) })
    await door.spell(id, userHandle, payer)
  }
  /** @returns whether the device listens */
  async function forget(credentialId: string): Promise<boolean> {
    const [id, door] = await Promise.all([relyingPartyId(), signals()])
    await door.forget(id, credentialId)
    return door.areHeard()
  }

  return {
    ...client,
    async signIn(request) {
      const payer = await client.signIn(request).catch(async (error: unknown) => {
        // Only where the server has never heard of it, or not any more: one that it refuses for another reason may be somebody's only key.
        if (!(error instanceof DoorError) || error.origin !== 'passkey-unknown') throw error
        const isHeard = await forget(request.response.id).catch(() => false)
        throw new DoorError(isHeard ? 'passkey-gone' : 'passkey-to-delete', { cause: error })
      })
      const { userHandle } = request.response.response
      if (userHandle) void tell(userHandle, payer).catch(() => undefined)
      return payer
    },
  }
}
