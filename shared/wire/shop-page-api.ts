/**
 * What the payment server answers to the page of the shop that a bill is for, and to no other: by CORS, without cookies. For payers whose browser
 * asks by itself (Secure Payment Confirmation), so that they need not leave the shop.
 */
import { z } from 'zod'
import { authenticationResponseSchema } from '../evidence.ts'
import { currencies } from '../money-text.ts'
import { paymentStates } from '../payment.ts'
import { base64urlText } from './intent-schema.ts'
import { usernameText } from './payment-api.ts'

const closedIntent = z.string().max(4_000)

/** `POST /api/shop-pages/payments/:id/intent`: what to sign, and what to have the browser show. Answered alike for a name nobody has. */
export const shopPageIntentRequest = z.strictObject({ username: usernameText })
export const shopPageIntentAnswer = z.strictObject({
  /** Closed: it says whom the bank knows this payer and card as, which is the same at every shop. Sent back as it came. */
  intent: closedIntent,
  /** Of the intent, base64url. */
  challenge: base64urlText(43),
  relyingPartyId: z.string(),
  /** base64url. Most of them are nobody's; which, only a browser that has one of the others can tell. */
  credentialIds: z.array(z.string()),
  /** `payeeDialogOf` the intent (`../payment-dialog.ts`): anything else that is shown is refused. */
  dialog: z.strictObject({
    payeeName: z.string(),
    payeeOrigin: z.string().exactOptional(),
    total: z.strictObject({ currency: z.enum(currencies), value: z.string() }),
    instrument: z.strictObject({ displayName: z.string(), icon: z.string() }),
  }),
})
export type ShopPageIntent = z.output<typeof shopPageIntentAnswer>

/** `POST /api/shop-pages/payments/:id/confirmation`. A decline is an answer, with status 200; refusals are problems. */
export const shopPageConfirmation = z.strictObject({
  username: usernameText,
  intent: closedIntent,
  response: authenticationResponseSchema,
})
/** Where to go: the payment's own page where it is not paid, which says why and offers the other ways. What is paid, the API knows. */
export const shopPageAnswer = z.strictObject({ state: z.enum(paymentStates), url: z.string() })
export type ShopPageAnswer = z.output<typeof shopPageAnswer>
