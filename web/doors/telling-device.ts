import type { Payer } from '../../shared/wire/payment-api.ts'
import type { PaymentClient } from './payment-client.ts'
import type { SignalsDoor } from './signals.ts'

/** After every sign-in, wherever it is, the device hears which passkeys of that name there are, and how it is spelled. */
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
  return {
    ...client,
    async signIn(request) {
      const payer = await client.signIn(request)
      const { userHandle } = request.response.response
      if (userHandle) void tell(userHandle, payer).catch(() => undefined)
      return payer
    },
  }
}
