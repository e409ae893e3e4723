import { base64url } from '../../shared/bytes.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { challengeOf, type PayIntent } from '../../shared/intent.ts'
import { payeeDialogOf } from '../../shared/payment-dialog.ts'
import { Problem } from '../../shared/problem.ts'
import { payIntentSchema } from '../../shared/wire/intent-schema.ts'
import type { ShopPageIntent } from '../../shared/wire/shop-page-api.ts'
import type { Secret } from '../runtime/keys.ts'
import type { AtRest } from './at-rest.ts'
import { amongDecoys } from './identity/decoy-passkeys.ts'
import type { PayerNamed } from './identity/name.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { Offer } from './offer.ts'

/** What a payer is asked to sign for a bill by their browser, over the shop's page. Strangers who try names there learn nothing either. */
export function shopPageOfferer(tools: {
  offer: Offer
  payerNamed: PayerNamed
  passkeys: PasskeyStore
  atRest: AtRest
  decoyKey: Secret
  relyingParty: { readonly id: string }
}) {
  const { offer, payerNamed, passkeys, atRest, decoyKey, relyingParty } = tools
  const contextOf = (id: PaymentId) => ['shop-page-intent', id]

  return {
    /** @throws {Problem} `payment-…` */
    async offer(id: PaymentId, username: string): Promise<ShopPageIntent> {
      const intent = await offer(id, { username }, null)
      const payer = await payerNamed(username)
      const own = (await passkeys.passkeysOf(payer)).map(({ credentialId }) => credentialId)
      return {
        intent: atRest.close(contextOf(id), JSON.stringify(intent)),
        challenge: base64url(await challengeOf(intent)),
        relyingPartyId: relyingParty.id,
        credentialIds: amongDecoys(decoyKey, payer, own),
        dialog: payeeDialogOf(intent),
      }
    },

    /** @throws {Problem} `intent-malformed` where it is not one that was offered for this payment */
    intentOf(id: PaymentId, closed: string): PayIntent {
      try {
        return payIntentSchema.parse(JSON.parse(atRest.open(contextOf(id), closed)))
      } catch {
        throw new Problem('intent-malformed')
      }
    },
  }
}
export type OfferOnShopPage = ReturnType<typeof shopPageOfferer>
