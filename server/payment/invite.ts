import { base64url } from '../../shared/bytes.ts'
import type { AuthenticationResponse } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import type { AddPasskeyIntent, MakePasskeyIntent } from '../../shared/intent.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import { Problem } from '../../shared/problem.ts'
import type { Invitation, Joining } from '../../shared/wire/payment-api.ts'
import { rateLimiter } from '../runtime/http.ts'
import type { Clock, RandomBytes } from '../runtime/room.ts'
import type { PasskeyChanges } from './change-passkey.ts'
import type { InvitationStore, KeptInvitation } from './identity/invitation-store.ts'
import { keeperOf } from './identity/keepers.ts'
import type { MadePasskey, PasskeyMaking } from './identity/make-passkey.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'

const secretBytes = 16
const lifetimeMs = 5 * 60_000
/** Nobody has so many devices. */
const invitationLimit = { burst: 5, perMinute: 1 }

/**
 * A passkey for another device of the same person. The one that is signed in shows a link, the other opens it and makes a passkey, and the
 * first one vouches for that passkey: until then it is of no use, whoever has made it.
 */
export function inviter(tools: {
  invitations: InvitationStore
  passkeys: PasskeyStore
  payers: PayerStore
  making: PasskeyMaking
  changes: PasskeyChanges
  clock: Clock
  random: RandomBytes
}) {
  const { invitations, passkeys, payers, making, changes, clock, random } = tools
  const limiter = rateLimiter(clock, invitationLimit)

  const isOver = ({ expiresAtMs }: KeptInvitation): boolean => expiresAtMs <= clock.nowMs()

  /** @throws {Problem} `invitation-over`, also once a passkey was made by it */
  async function open(secret: string): Promise<KeptInvitation> {
    const kept = await invitations.bySecret(secret)
    if (kept === null || kept.made !== null || isOver(kept)) throw new Problem('invitation-over')
    return kept
  }

  /** It is of the payer's passkeys by now. */
  const hasJoined = async ({ payer, made }: KeptInvitation): Promise<boolean> =>
    made !== null && (await passkeys.passkeyOf(payer, made.passkey.credentialId)) !== null

  return {
    /** @throws {Problem} `passkeys-too-many`, `too-many-requests` */
    async invite(payer: PayerId): Promise<{ secret: string; expiresAtMs: number }> {
      await changes.assertRoom(payer)
      limiter.take(payer)
      const secret = base64url(random(secretBytes))
      const expiresAtMs = clock.nowMs() + lifetimeMs
      await invitations.keep(payer, secret, expiresAtMs)
      return { secret, expiresAtMs }
    },

    /** For who invited. */
    async standing(payer: PayerId): Promise<Invitation> {
      const kept = await invitations.ofPayer(payer)
      if (kept === null || isOver(kept) || (await hasJoined(kept))) return { state: 'over' }
      if (kept.made === null) return { state: 'open' }
      const { passkey, proof } = kept.made
      const thumbprint = await passkeyThumbprint(passkey.publicKey)
      return { state: 'made', thumbprint, keeper: keeperOf(passkey.aaguid), proof }
    },

    callOff: invitations.drop,
    forgetOld: invitations.forgetOld,

    /** @throws {Problem} `invitation-over`, and as {@link PasskeyChanges} `keep` */
    async vouch(
      payer: PayerId,
      vouched: { readonly intent: AddPasskeyIntent; readonly response: AuthenticationResponse },
    ): Promise<void> {
      const kept = await invitations.ofPayer(payer)
      if (kept === null || kept.made === null || isOver(kept)) throw new Problem('invitation-over')
      await changes.keep(payer, kept.made.passkey, vouched)
    },

    /** For whoever has the link: whose it is, and then what became of it. */
    async look(secret: string): Promise<Joining> {
      const kept = await invitations.bySecret(secret)
      if (kept === null) return { state: 'over' }
      if (await hasJoined(kept)) return { state: 'joined' }
      if (isOver(kept)) return { state: 'over' }
      if (kept.made !== null) return { state: 'made' }
      const theirs = await passkeys.passkeysOf(kept.payer)
      const credentialIds = theirs.map(({ credentialId }) => credentialId)
      return { state: 'open', ...(await payers.nameOf(kept.payer)), credentialIds }
    },

    /** @throws {Problem} `invitation-over` */
    offerMaking: async (secret: string): Promise<MakePasskeyIntent> => making.offer((await open(secret)).payer),

    /** Of two devices that come at once, one is taken. @throws {Problem} `invitation-over`, `intent-…`, `passkey-refused` */
    async join(secret: string, { proof, ...made }: MadePasskey & { readonly proof: string }): Promise<void> {
      const { payer } = await open(secret)
      const passkey = await making.take(payer, made)
      if (!(await invitations.keepMade(payer, secret, { passkey, proof }))) throw new Problem('invitation-over')
    },
  }
}
export type Inviter = ReturnType<typeof inviter>
