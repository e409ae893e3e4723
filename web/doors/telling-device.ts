import type { Payer } from '../../shared/wire/payment-api.ts'
import { DoorError, noticeOf } from '../flows/notice.ts'
import type { PaymentClient } from './payment-client.ts'
import type { SignalsDoor } from './signals.ts'

/**
 * After every sign-in, wherever it is, the device hears which passkeys of that name there are, and how it is spelled; and after one in vain,
 * that nobody has this passkey. Signing in then fails with `passkey-gone`, or with `passkey-to-delete` where the device hears nothing.
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
  /** Any passkey that we know signs in, so one that is refused is one that we know nothing of. */
  async function forget(credentialId: string, cause: unknown): Promise<never> {
    const [id, door] = await Promise.all([relyingPartyId(), signals()])
    await door.forget(id, credentialId)
    throw new DoorError(door.areHeard() ? 'passkey-gone' : 'passkey-to-delete', { cause })
  }

  return {
    ...client,
    async signIn(request) {
      const payer = await client.signIn(request).catch((error: unknown) => {
        if (noticeOf(error) === 'passkey-refused') return forget(request.response.id, error)
        throw error
      })
      const { userHandle } = request.response.response
      if (userHandle) void tell(userHandle, payer).catch(() => undefined)
      return payer
    },
  }
}
