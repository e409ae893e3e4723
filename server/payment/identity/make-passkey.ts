import type { RegistrationResponse } from '../../../shared/evidence.ts'
import type { PayerId } from '../../../shared/identifiers.ts'
import { challengeOf, type MakePasskeyIntent } from '../../../shared/intent.ts'
import { type NewPasskey, type RelyingParty, verifyRegistration } from '../../runtime/passkey.ts'
import type { Intents } from './challenge.ts'
import type { PayerStore } from './payer-store.ts'
import type { Pseudonyms } from './pseudonym.ts'

/** A passkey that somebody with a name made, on this device or another. It is of no use until one that is there vouches for it. */
export type MadePasskey = { readonly intent: MakePasskeyIntent; readonly response: RegistrationResponse }

export function passkeyMaking(tools: {
  intents: Intents
  payers: PayerStore
  pseudonyms: Pseudonyms
  relyingParty: RelyingParty
}) {
  const { intents, payers, pseudonyms, relyingParty } = tools

  const agreementOf = async (payer: PayerId) =>
    ({
      purpose: 'make-passkey',
      payer: pseudonyms.towardsBank(payer),
      userHandle: await payers.userHandleOf(payer),
    }) as const

  return {
    offer: async (payer: PayerId): Promise<MakePasskeyIntent> => intents.issue(await agreementOf(payer)),

    /** @throws {Problem} `intent-…`, `passkey-refused` */
    async take(payer: PayerId, { intent, response }: MadePasskey): Promise<NewPasskey> {
      await intents.takeBack(intent, await agreementOf(payer))
      return verifyRegistration({ response, challenge: await challengeOf(intent), relyingParty })
    },
  }
}
export type PasskeyMaking = ReturnType<typeof passkeyMaking>
