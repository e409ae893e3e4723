import type { AuthenticationResponse } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import type { AddPasskeyIntent, MakePasskeyIntent, RemovePasskeyIntent } from '../../shared/intent.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import { Problem } from '../../shared/problem.ts'
import { passkeysMax } from '../../shared/wire/bank-api.ts'
import type { NewPasskey } from '../runtime/passkey.ts'
import type { Intents } from './identity/challenge.ts'
import type { MadePasskey, PasskeyMaking } from './identity/make-passkey.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import { parseNickname } from './nickname.ts'
import type { PasskeyTeller } from './tell-passkeys.ts'

type Signed<I> = { readonly intent: I; readonly response: AuthenticationResponse }

/**
 * What a payer who is signed in does with their passkeys. A session is enough to name one; to add or to remove one takes a passkey's
 * signature, which for a new one the bank will ask for as well. What the bank must know is on the disk before it is told.
 */
export function passkeyChanger(tools: {
  passkeys: PasskeyStore
  tellPasskeys: PasskeyTeller
  making: PasskeyMaking
  intents: Intents
  prove: Prover
  pseudonyms: Pseudonyms
}) {
  const { passkeys, tellPasskeys, making, intents, prove, pseudonyms } = tools

  const vouching = (payer: PayerId, passkey: string) =>
    ({ purpose: 'add-passkey', payer: pseudonyms.towardsBank(payer), passkey }) as const
  const removal = (payer: PayerId, passkey: string) =>
    ({ purpose: 'remove-passkey', payer: pseudonyms.towardsBank(payer), passkey }) as const

  /** Said before a device makes one in vain. */
  async function assertRoom(payer: PayerId): Promise<void> {
    if ((await passkeys.list(payer)).length >= passkeysMax) throw new Problem('passkeys-too-many')
  }

  /** @throws {Problem} `intent-…`, `passkey-refused`, `passkey-taken`, `passkeys-too-many` */
  async function keep(payer: PayerId, made: NewPasskey, vouched: Signed<AddPasskeyIntent>): Promise<void> {
    const agreement = vouching(payer, await passkeyThumbprint(made.publicKey))
    const { evidence } = await prove.passkeyChange(payer, vouched, agreement)
    await passkeys.add(payer, made, evidence)
    await tellPasskeys.tellAbout(payer)
  }

  return {
    assertRoom,
    keep,

    /** @throws {Problem} `passkeys-too-many` */
    async offerMaking(payer: PayerId): Promise<MakePasskeyIntent> {
      await assertRoom(payer)
      return making.offer(payer)
    },

    /** @param thumbprint of the new passkey: the device that makes it knows it, and the server will see */
    offerVouching: (payer: PayerId, thumbprint: string): AddPasskeyIntent => intents.issue(vouching(payer, thumbprint)),

    /** @throws {Problem} as `keep` */
    async add(payer: PayerId, made: MadePasskey, vouched: Signed<AddPasskeyIntent>): Promise<void> {
      await keep(payer, await making.take(payer, made), vouched)
    },

    /** @throws {Problem} `passkey-unknown`, `nickname-…` */
    name: (payer: PayerId, thumbprint: string, nickname: string): Promise<void> =>
      passkeys.name(payer, thumbprint, parseNickname(nickname)),

    /** @throws {Problem} `passkey-unknown`, `passkey-last` */
    async offerRemoval(payer: PayerId, thumbprint: string): Promise<RemovePasskeyIntent> {
      const kept = await passkeys.list(payer)
      if (!kept.some((passkey) => passkey.thumbprint === thumbprint)) throw new Problem('passkey-unknown')
      if (kept.length === 1) throw new Problem('passkey-last')
      return intents.issue(removal(payer, thumbprint))
    },

    /** @throws {Problem} `intent-…`, `passkey-refused`, `passkey-unknown`, `passkey-last` */
    async remove(payer: PayerId, thumbprint: string, signed: Signed<RemovePasskeyIntent>): Promise<void> {
      const { passkey } = await prove.passkeyChange(payer, signed, removal(payer, thumbprint))
      await passkeys.remove(payer, thumbprint, passkey.credentialId)
      await tellPasskeys.tellAbout(payer)
    },
  }
}
export type PasskeyChanges = ReturnType<typeof passkeyChanger>
