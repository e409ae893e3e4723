/**
 * The browser's own payment dialog: Secure Payment Confirmation. Where there is one, what is signed was drawn by the browser, out of the
 * reach of any page, ours included. Only browsers that have it load this.
 */
import { bytesOfBase64url } from '../../shared/bytes.ts'
import type { CardFace } from '../../shared/card.ts'
import type { PayIntent } from '../../shared/intent.ts'
import { type PaymentDialog, paymentDialogOf } from '../../shared/payment-dialog.ts'
import { DoorError } from '../flows/notice.ts'
import type { DeviceStorage } from './device-storage.ts'
import { dialogChoice } from './dialog-choice.ts'
import { type Ask, type Assertion, assertionOf, ceremonyTimeoutMs, passkeyError } from './passkey.ts'
import { paymentPasskeys } from './payment-passkeys.ts'

export type AskInDialog = Ask & { readonly intent: PayIntent; readonly face: CardFace }

export interface PaymentDialogDoor {
  /**
   * Has the browser show payee, amount and card, and the passkey sign them. No other ceremony may be under way.
   * @returns null where it cannot, or the payer wants to be asked in another way: browsers do not say which of the two
   * @throws {DoorError} `passkey-dismissed`, `dialog-left`
   */
  confirm(ask: AskInDialog): Promise<Assertion | null>
}

/** Secure Payment Confirmation §4.1.3; TypeScript's DOM library does not know it. */
export type DialogBrowser = {
  new (methods: PaymentMethodData[], details: PaymentDetailsInit): Pick<PaymentRequest, 'show'>
  securePaymentConfirmationAvailability?(): Promise<string>
}

/** @returns null where this browser has none to show, or somebody has told it not to */
export async function paymentDialogDoor(
  browser: DialogBrowser,
  storage: DeviceStorage,
): Promise<PaymentDialogDoor | null> {
  const choice = dialogChoice(storage)
  if (choice.isLeft()) return null
  if ((await browser.securePaymentConfirmationAvailability?.()) !== 'available') return null
  return {
    async confirm(ask) {
      const known = paymentPasskeys(storage)
      const credentialIds = ask.credentialIds.filter((id) => known.includes(id))
      if (choice.isLeft() || credentialIds.length === 0) return null
      try {
        return await shown(browser, { ...ask, credentialIds })
      } catch (error) {
        if (!(error instanceof DOMException)) return null // it does not take what it is asked to show
        switch (error.name) {
          case 'AbortError':
            throw passkeyError(error)
          case 'OptOutError':
            choice.leave()
            throw new DoorError('dialog-left', { cause: error })
          default:
            return null
        }
      }
    },
  }
}

async function shown(browser: DialogBrowser, { intent, face, ...ask }: AskInDialog): Promise<Assertion> {
  const dialog = paymentDialogOf(intent, face)
  const method = { supportedMethods: 'secure-payment-confirmation', data: requestOf(dialog, ask) }
  const answer = await new browser([method], { total: { label: dialog.payeeName, amount: dialog.total } }).show()
  await answer.complete('success')
  return assertionOf(answer.details)
}

/** §4.1.2. What is not shown, such as the picture, is not signed either: so it must be. */
const requestOf = (
  { payeeName, payeeOrigin, instrument }: PaymentDialog,
  { challenge, relyingPartyId, credentialIds }: Ask,
) => ({
  rpId: relyingPartyId,
  credentialIds: credentialIds.map(bytesOfBase64url),
  challenge,
  payeeName,
  ...(payeeOrigin === undefined ? {} : { payeeOrigin }),
  instrument: { ...instrument, iconMustBeShown: true },
  timeout: ceremonyTimeoutMs,
  showOptOut: true,
})
