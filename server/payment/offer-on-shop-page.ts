import { base64url } from '../../shared/bytes.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { challengeOf } from '../../shared/intent.ts'
import { payeeDialogOf } from '../../shared/payment-dialog.ts'
import type { ShopPageIntent } from '../../shared/wire/shop-page-api.ts'
import type { Secret } from '../runtime/keys.ts'
import { amongDecoys } from './identity/decoy-passkeys.ts'
import type { PayerNamed } from './identity/name.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { Offer } from './offer.ts'

/** What a payer is asked to sign for a bill by their browser, over the shop's page. Strangers who try names there learn nothing either. */
export function shopPageOfferer(tools: {
  offer: Offer
  payerNamed: PayerNamed
  passkeys: PasskeyStore
  decoyKey: Secret
  relyingParty: { readonly id: string }
}) {
  const { offer, payerNamed, passkeys, decoyKey, relyingParty } = tools

  /** @throws {Problem} `payment-…` */
  return async function offerOnShopPage(id: PaymentId, username: string): Promise<ShopPageIntent> {
    const intent = await offer(id, { username }, null)
    const payer = await payerNamed(username)
    const own = (await passkeys.passkeysOf(payer)).map(({ credentialId }) => credentialId)
    return {
      intent,
      challenge: base64url(await challengeOf(intent)),
      relyingPartyId: relyingParty.id,
      credentialIds: amongDecoys(decoyKey, payer, own),
      dialog: payeeDialogOf(intent),
    }
  }
}
export type OfferOnShopPage = ReturnType<typeof shopPageOfferer>
