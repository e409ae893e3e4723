/**
 * The browser's own payment dialog over the shop's page: Secure Payment Confirmation, for a passkey of the wallet's that this browser has. What
 * the browser draws no page can change, so that it need not be the wallet's page that asks.
 */
import type { ShopPageAnswer, ShopPageIntent } from '../../shared/wire/shop-page-api.ts'
import type { DialogBrowser } from '../doors/payment-dialog.ts'

/** `dismissed`: a no is a no. `elsewhere`: it cannot be here, or has to be said on the bill's own page why not. */
export type DialogEnd = { readonly paid: string } | 'dismissed' | 'elsewhere'

const timeoutMs = 120_000
/** In the shop's own storage, for want of ours: browsers keep the two apart. */
const leftKey = 'moniker.payment-dialog'

/** Whether this browser has a dialog to show here, and nobody has told it not to. */
export async function hasDialog(browser: DialogBrowser | undefined): Promise<boolean> {
  if (isLeft()) return false
  return (await browser?.securePaymentConfirmationAvailability?.()) === 'available'
}

/**
 * Has the browser show the payment, and the passkey sign it. Called in a click.
 * @param bill the payment, at the payment server that this file comes from
 */
export async function payInDialog(
  browser: DialogBrowser,
  bill: { readonly origin: string; readonly payment: string },
  username: string,
): Promise<DialogEnd> {
  const ask = asker(bill)
  try {
    const asked: ShopPageIntent = await ask('intent', { username })
    const shown = await new browser([methodOf(asked)], totalOf(asked)).show()
    return await answered(shown, async () => {
      const response = (shown.details as PublicKeyCredential).toJSON()
      return ask<ShopPageAnswer>('confirmation', { username, intent: asked.intent, response })
    })
  } catch (error) {
    const { name } = error as Error
    if (name === 'OptOutError') leave()
    return name === 'AbortError' ? 'dismissed' : 'elsewhere'
  }
}

/** Whatever comes of it, the dialog closes: one that stays open is in the way of the window that comes next. */
async function answered(shown: PaymentResponse, confirm: () => Promise<ShopPageAnswer>): Promise<DialogEnd> {
  const answer = await confirm().catch(() => null)
  const isPaid = answer !== null && ['captured', 'authorized'].includes(answer.state)
  const result = isPaid ? 'success' : answer?.state === 'declined' ? 'fail' : 'unknown'
  // What is paid stays paid, also where the browser did not care to hear of it.
  await shown.complete(result).catch(() => undefined)
  return isPaid ? { paid: answer.url } : 'elsewhere'
}

/** Without cookies. */
function asker({ origin, payment }: { readonly origin: string; readonly payment: string }) {
  return async function ask<T>(what: string, body: object): Promise<T> {
    const address = `${origin}/api/shop-pages/payments/${encodeURIComponent(payment)}/${what}`
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(timeoutMs)
    const init = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit', signal } as const
    const response = await fetch(address, init)
    if (!response.ok) throw new Error(what)
    return response.json()
  }
}

/** Secure Payment Confirmation §4.1.2. */
const methodOf = ({ challenge, relyingPartyId, credentialIds, dialog }: ShopPageIntent) => ({
  supportedMethods: 'secure-payment-confirmation',
  data: {
    rpId: relyingPartyId,
    credentialIds: credentialIds.map(bytesOf),
    challenge: bytesOf(challenge),
    payeeName: dialog.payeeName,
    payeeOrigin: dialog.payeeOrigin,
    instrument: { ...dialog.instrument, iconMustBeShown: true },
    timeout: timeoutMs,
    showOptOut: true,
  },
})

const totalOf = ({ dialog }: ShopPageIntent) => ({ total: { label: dialog.payeeName, amount: dialog.total } })

const bytesOf = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

function isLeft(): boolean {
  try {
    return localStorage.getItem(leftKey) !== null
  } catch {
    return false // a page may have no storage
  }
}

function leave(): void {
  try {
    localStorage.setItem(leftKey, 'left')
  } catch {}
}
