import type { Page } from 'playwright-core'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { paymentIdSchema } from '../../../shared/wire/intent-schema.ts'

/** What a guest does in the coffee shop. */
export function shopOn(page: Page, origin: string) {
  const order = page.locator('.order')

  return {
    opens: () => page.goto(origin),

    /** Chooses a drink, and is on its bill in the wallet. */
    async orders(drink: string): Promise<PaymentId> {
      await page.goto(origin)
      await page
        .getByRole('listitem')
        .filter({ hasText: drink })
        .getByRole('button', { name: /^(Order|下单)/ })
        .tap()
      return onBill(page)
    },

    /** Asks for another bill of an order that was not paid. */
    async triesAgain(): Promise<PaymentId> {
      await order.locator('form').getByRole('button').tap()
      return onBill(page)
    },

    /** What the shop says of the order, once it knows; the payment server told it. */
    async says(): Promise<string> {
      await page.waitForURL(`${origin}/orders/*`)
      await page.locator('.order:not([data-state="deciding"])').waitFor()
      return (await order.innerText()).trim()
    },
  }
}
export type ShopPages = ReturnType<typeof shopOn>

async function onBill(page: Page): Promise<PaymentId> {
  await page.waitForURL(/\/pay\/pay_/)
  return paymentIdSchema.parse(new URL(page.url()).pathname.split('/').at(-1))
}
