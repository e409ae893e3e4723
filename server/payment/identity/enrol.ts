import { base64url } from '../../../shared/bytes.ts'
import type { RegistrationResponse } from '../../../shared/evidence.ts'
import { identifier, identifierRandomBytes, type PayerId } from '../../../shared/identifiers.ts'
import { challengeOf, type EnrolIntent } from '../../../shared/intent.ts'
import { parseUsername } from '../../../shared/username.ts'
import { type RelyingParty, verifyRegistration } from '../../runtime/passkey.ts'
import type { RandomBytes } from '../../runtime/room.ts'
import type { Intents } from './challenge.ts'
import type { PayerName, PayerStore } from './payer-store.ts'
import { assertClaimable } from './username-rules/assert-claimable.ts'

const userHandleBytes = 16

/** A newcomer's way in: a name nobody has, and a passkey for it, kept together or not at all. */
export function enrolment(tools: {
  intents: Intents
  payers: PayerStore
  relyingParty: RelyingParty
  random: RandomBytes
}) {
  const { intents, payers, relyingParty, random } = tools

  /** @throws {Problem} `username-…`: why it cannot be had */
  async function claimable(typed: string) {
    const name = parseUsername(typed)
    assertClaimable(name.username)
    await payers.assertFree(name.username)
    return name
  }

  return {
    /** @throws {Problem} `username-…` */
    checkName: (typed: string): Promise<PayerName> => claimable(typed),

    /** @throws {Problem} `username-…` */
    async offer(typed: string): Promise<EnrolIntent> {
      const { display } = await claimable(typed)
      // The user handle names nobody (WebAuthn L3 §14.6.1): random, and of use to this server alone.
      return intents.issue({ purpose: 'enrol', userHandle: base64url(random(userHandleBytes)), username: display })
    },

    /** @throws {Problem} `intent-…`, `passkey-refused`, `passkey-taken`, `username-…` */
    async enrol(intent: EnrolIntent, response: RegistrationResponse): Promise<PayerId> {
      const { purpose, userHandle } = intent
      const { username, display } = parseUsername(intent.username)
      await intents.takeBack(intent, { purpose, userHandle, username: display })
      const passkey = await verifyRegistration({ response, challenge: await challengeOf(intent), relyingParty })
      const id = identifier('payer', random(identifierRandomBytes))
      await payers.add({ id, username, display, userHandle, passkey })
      return id
    },
  }
}
export type Enrolment = ReturnType<typeof enrolment>
