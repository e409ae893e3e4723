import type { Browser, BrowserContext } from 'playwright-core'
import type { Addresses } from '../../../server/settings.ts'
import { en } from '../../../web/words/en.ts'
import { zh } from '../../../web/words/zh.ts'
import { type Checkout, checkoutOn } from './checkout.ts'
import { openPhone, type Phone, type PhoneOptions } from './phone.ts'
import { type ShopPages, shopOn } from './shop.ts'
import { type WalletPages, walletOn } from './wallet.ts'

/** A phone, and what a payer does with it. */
export type PayersPhone = Phone & {
  readonly shop: ShopPages
  readonly checkout: Checkout
  readonly wallet: WalletPages
  /** How often a finger has come down on a page so far. */
  taps(): number
}

export async function openPayersPhone(
  browser: Browser,
  addresses: Addresses,
  options: PhoneOptions,
): Promise<PayersPhone> {
  const phone = await openPhone(browser, options)
  const words = options.locale?.startsWith('zh') ? zh : en
  return {
    ...phone,
    taps: await countTaps(phone.context),
    shop: shopOn(phone.page, addresses.shop),
    checkout: checkoutOn(phone.page, words),
    wallet: walletOn(phone.page, addresses.payment, words),
  }
}

/** Only what a person did counts, not what a script clicks. */
async function countTaps(context: BrowserContext): Promise<() => number> {
  let taps = 0
  const binding = 'countTap'
  await context.exposeBinding(binding, () => {
    taps += 1
  })
  await context.addInitScript((name) => {
    const count: unknown = Reflect.get(globalThis, name)
    addEventListener('click', ({ isTrusted }) => isTrusted && typeof count === 'function' && count(), { capture: true })
  }, binding)
  return () => taps
}
