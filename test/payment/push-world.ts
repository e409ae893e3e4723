import { type PushTarget, pushSchema } from '../../shared/wire/push-api.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { SoftwarePayer } from '../support/payer.ts'
import type { PushService } from '../support/push-service.ts'
import { openPaymentWorld } from './payment-world.ts'

/** Somebody with a card and a phone, which wants to hear of payments. @param service the phone's push service */
export async function openPushWorld(service: PushService, engine: 'sqlite' | 'postgres') {
  const world = await openPaymentWorld({ engine })
  const ada = await world.payer('ada')
  const phone = service.browser()

  const subscribes = ({ target }: { readonly target: PushTarget }, payer = ada, locale = 'en-IE') =>
    payer.tab.post('/api/push', pushSchema, { target, locale })
  taken(await subscribes(phone))

  return {
    world,
    ada,
    phone,
    subscribes,
    standing: async (payer = ada) => taken(await payer.tab.get('/api/push', pushSchema)),

    /** The titles of what a browser heard since the last look. */
    said: (browser = phone) => browser.takes().map(({ message }) => message.notification.title),

    async pays(options = {}) {
      const payment = await world.shop.asks(eur(4_20), options)
      taken(await ada.pays(payment))
      return payment
    },

    /** With another device. @returns its passkey */
    async addsPasskey({ device }: SoftwarePayer): Promise<string> {
      const before = (await ada.passkeys()).map(({ thumbprint }) => thumbprint)
      const { passkeys } = taken(await ada.addsPasskey(device))
      return passkeys.find(({ thumbprint }) => !before.includes(thumbprint))?.thumbprint ?? ''
    },

    /** Time passes for what browsers are told. */
    async passes(ms: number) {
      world.clock.advance(ms)
      await world.tells()
    },
  }
}
export type PushWorld = Awaited<ReturnType<typeof openPushWorld>>
