import { createECDH } from 'node:crypto'
import { base64url, bytesOfBase64url, concat } from '../../../shared/bytes.ts'
import type { CardFace } from '../../../shared/card.ts'
import type { Assertion, AuthenticationResponse } from '../../../shared/evidence.ts'
import type { CredentialId, PayerId } from '../../../shared/identifiers.ts'
import {
  type AddCardIntent,
  type CloseAccountIntent,
  challengeOf,
  type Intent,
  type MakeRecoveryCodeIntent,
  type PayIntent,
  type SignInIntent,
  type UndoRecoveryIntent,
} from '../../../shared/intent.ts'
import { type PaymentDialogs, paymentDialogsOf } from '../../../shared/payment-dialog.ts'
import { Problem } from '../../../shared/problem.ts'
import type { PinnedPasskey } from '../../../shared/wire/bank-api.ts'
import { type RelyingParty, toAssertion, verifyAssertion } from '../../runtime/passkey.ts'
import type {
  AddCardAgreement,
  CardChangeAgreement,
  CardChangeIntent,
  CloseAccountAgreement,
  Intents,
  MakeRecoveryCodeAgreement,
  PasskeyChangeAgreement,
  PasskeyChangeIntent,
  PayAgreement,
  UndoRecoveryAgreement,
} from './challenge.ts'
import type { OwnedPasskey, PasskeyStore } from './passkey-store.ts'

declare const proven: unique symbol
/** A payer whose passkey signed this intent, checked here and now. Nothing but {@link prover} can make one. */
type Proven<I extends Intent> = {
  readonly [proven]: true
  readonly id: PayerId
  readonly passkey: PinnedPasskey
  readonly evidence: { readonly intent: I; readonly assertion: Assertion }
}
/** Somebody who agreed to a payment: what opens the card store. */
export type ProvenPayer = Proven<PayIntent>
/** Somebody who agreed to a card being added, by an intent of its own or by the first payment with it. */
export type ProvenCardholder = Proven<AddCardIntent> | Proven<PayIntent>
/** Somebody who agreed to a card being removed, being let pay again, or being limited. */
export type ProvenChange<I extends CardChangeIntent> = Proven<I>

type Signed<I extends Intent> = { readonly intent: I; readonly response: AuthenticationResponse }

/** Step S301: the passkey signs, and this room checks it (WebAuthn L3 §7.2) against what it is about to do. */
export function prover(tools: { intents: Intents; passkeys: PasskeyStore; relyingParty: RelyingParty }) {
  const { intents, passkeys, relyingParty } = tools

  /** @throws {Problem} `passkey-refused`, whatever the reason */
  async function verify<I extends Intent>(
    signed: Signed<I>,
    owned: OwnedPasskey | null,
    dialogs?: PaymentDialogs,
  ): Promise<Proven<I>> {
    const { intent } = signed
    const assertion = toAssertion(signed.response)
    // An unknown name and another person's passkey cost the same work as a bad signature by the right one.
    const passkey = owned ?? nobodysPasskey(assertion)
    const seen = await verifyAssertion({
      assertion,
      challenge: await challengeOf(intent),
      relyingParty,
      passkey,
      userHandle: passkey.userHandle,
      dialogs,
    })
    if (owned === null || !(await passkeys.noteUse(owned, seen))) {
      throw new Problem('passkey-refused')
    }
    const { credentialId, publicKey, isBackupEligible } = owned
    const proof = {
      id: owned.payer,
      passkey: { credentialId, publicKey, isBackupEligible },
      evidence: { intent, assertion },
    }
    return proof as Proven<I> // the only cast to a proof there is
  }

  /** One that somebody has taken the name from; null where it is not, or not this payer's. */
  async function formerOf(payer: PayerId, credential: CredentialId): Promise<OwnedPasskey | null> {
    const former = await passkeys.formerPasskey(credential)
    return former?.payer === payer ? former : null
  }

  async function byPayer<I extends Intent>(
    payer: PayerId,
    signed: Signed<I>,
    dialogs?: PaymentDialogs,
  ): Promise<Proven<I>> {
    const owned = await passkeys.passkeyOf(payer, signed.response.id)
    const former = owned === null ? await formerOf(payer, signed.response.id) : null
    const proof = await verify(signed, owned ?? former, dialogs)
    // Whoever holds it is told, and nothing is done: it can undo the recovery.
    if (former !== null) throw new Problem('name-recovered')
    return proof
  }

  return {
    /**
     * @param payer from the name the payment was confirmed with, never from the response
     * @param face of the card that pays, which a browser that asks by itself must have shown; null where it may not ask
     * @throws {Problem} `intent-malformed`, `intent-expired`, `intent-consumed`, `passkey-refused`; `name-recovered` to a passkey that somebody
     *   has taken the name from
     */
    async payment(
      payer: PayerId,
      signed: Signed<PayIntent>,
      agreement: PayAgreement,
      face: CardFace | null,
    ): Promise<ProvenPayer> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed, face === null ? undefined : paymentDialogsOf(signed.intent, face))
    },

    /** @throws {Problem} as above */
    async newCard(
      payer: PayerId,
      signed: Signed<AddCardIntent>,
      agreement: AddCardAgreement,
    ): Promise<ProvenCardholder> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed)
    },

    /** @throws {Problem} as above */
    async cardChange<I extends CardChangeIntent>(
      payer: PayerId,
      signed: Signed<I>,
      agreement: CardChangeAgreement,
    ): Promise<ProvenChange<I>> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed)
    },

    /** @throws {Problem} as above */
    async passkeyChange<I extends PasskeyChangeIntent>(
      payer: PayerId,
      signed: Signed<I>,
      agreement: PasskeyChangeAgreement,
    ): Promise<Proven<I>> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed)
    },

    /** @throws {Problem} as above */
    async recoveryCode(
      payer: PayerId,
      signed: Signed<MakeRecoveryCodeIntent>,
      agreement: MakeRecoveryCodeAgreement,
    ): Promise<Proven<MakeRecoveryCodeIntent>> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed)
    },

    /** @throws {Problem} as above */
    async accountClosing(
      payer: PayerId,
      signed: Signed<CloseAccountIntent>,
      agreement: CloseAccountAgreement,
    ): Promise<Proven<CloseAccountIntent>> {
      await intents.takeBack(signed.intent, agreement)
      return byPayer(payer, signed)
    },

    /** By a passkey that signs in no more, because somebody recovered the name. @throws {Problem} as above */
    async recoveryUndoing(
      payer: PayerId,
      signed: Signed<UndoRecoveryIntent>,
      agreement: UndoRecoveryAgreement,
    ): Promise<Proven<UndoRecoveryIntent>> {
      await intents.takeBack(signed.intent, agreement)
      return verify(signed, await formerOf(payer, signed.response.id))
    },

    /**
     * Signing in names nobody: the passkey does, and its user handle has to agree (§7.2 step 6). Whether a passkey is known is no secret of
     * anybody's: no name is told by it, and who has its id has the passkey.
     * @throws {Problem} as above; `passkey-unknown` where nobody has it; `name-recovered` to one that somebody has taken the name from since
     */
    async signIn(signed: Signed<SignInIntent>): Promise<Proven<SignInIntent>> {
      await intents.takeBack(signed.intent, { purpose: 'sign-in' })
      const { id, response } = signed.response
      const owned = await passkeys.passkey(id)
      const former = owned === null ? await passkeys.formerPasskey(id) : null
      const known = owned ?? former
      if (known === null) throw new Problem('passkey-unknown')
      const proof = await verify(signed, response.userHandle === known.userHandle ? known : null)
      if (former !== null) throw new Problem('name-recovered')
      return proof
    },
  }
}
export type Prover = ReturnType<typeof prover>

/** A COSE key (RFC 9053 §7.1.1) whose private half was never kept. Made once: what it verifies is refused all the same. */
const nobodysPublicKey = (() => {
  const point = new Uint8Array(createECDH('prime256v1').generateKeys())
  const head = bytesOfBase64url('pQECAyYgASFYIA') // a map of five: kty EC2, alg ES256, crv P-256, x of 32 bytes
  const between = bytesOfBase64url('Ilgg') // y of 32 bytes
  return base64url(concat(head, point.subarray(1, 33), between, point.subarray(33)))
})()

/** For where there is none: what costs as much to check, and is refused. */
export const nobodysPasskey = ({ credentialId, userHandle }: Assertion) => ({
  credentialId,
  userHandle: userHandle ?? '',
  publicKey: nobodysPublicKey,
  signatureCounter: 0,
  isBackupEligible: false,
})
