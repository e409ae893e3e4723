import type { AuthenticationResponse, RegistrationResponse } from '../../../shared/evidence.ts'
import { type ConsoleEnrolIntent, type ConsoleSignInIntent, challengeOf } from '../../../shared/intent.ts'
import { Problem } from '../../../shared/problem.ts'
import type { ConsoleInvitation } from '../../../shared/wire/console-api.ts'
import { type RelyingParty, toAssertion, verifyAssertion, verifyRegistration } from '../../runtime/passkey.ts'
import type { Intents } from '../identity/challenge.ts'
import { nobodysPasskey } from '../identity/prove.ts'
import type { PeopleStore, Person } from './people-store.ts'

type Signed<Intent, Response> = { readonly intent: Intent; readonly response: Response }

/**
 * Who comes to a merchant's console, by the code that checks payers' passkeys. The intents have purposes of their own and the passkeys are kept
 * apart, so that nobody is a payer by them, and no payer is anybody here.
 */
export function personProver(tools: { intents: Intents; people: PeopleStore; relyingParty: RelyingParty }) {
  const { intents, people, relyingParty } = tools

  const agreementOf = ({ merchant, userHandle }: Person & { readonly userHandle: string }) =>
    ({ purpose: 'console-enrol', merchant: merchant.id, userHandle }) as const

  return {
    /** @throws {Problem} `invitation-over` */
    async offer(secret: string): Promise<ConsoleInvitation> {
      const invited = await people.invited(secret)
      return { intent: intents.issue(agreementOf(invited)), merchant: invited.merchant.name, role: invited.role }
    },

    /** @throws {Problem} `invitation-over`, `intent-…`, `passkey-refused`, `passkey-taken` */
    async join(secret: string, signed: Signed<ConsoleEnrolIntent, RegistrationResponse>): Promise<Person> {
      const { intent, response } = signed
      const invited = await people.invited(secret)
      await intents.takeBack(intent, agreementOf(invited))
      const passkey = await verifyRegistration({ response, challenge: await challengeOf(intent), relyingParty })
      await people.join(secret, passkey)
      return invited
    },

    offerSignIn: (): ConsoleSignInIntent => intents.issue({ purpose: 'console-sign-in' }),

    /** The passkey says who it is, and its user handle has to agree (WebAuthn L3 §7.2 step 6). @throws {Problem} `intent-…`, `passkey-refused` */
    async signIn({ intent, response }: Signed<ConsoleSignInIntent, AuthenticationResponse>): Promise<Person> {
      await intents.takeBack(intent, { purpose: 'console-sign-in' })
      const assertion = toAssertion(response)
      const found = await people.withPasskey(assertion.credentialId)
      const known = found !== null && assertion.userHandle === found.passkey.userHandle ? found : null
      const passkey = known?.passkey ?? nobodysPasskey(assertion)
      const challenge = await challengeOf(intent)
      const { userHandle } = passkey
      const seen = await verifyAssertion({ assertion, challenge, relyingParty, passkey, userHandle })
      if (known === null || !(await people.noteUse(known.passkey, seen))) throw new Problem('passkey-refused')
      return known.person
    },
  }
}
export type PersonProver = ReturnType<typeof personProver>
