import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Room } from '../../server/runtime/room.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { eur, softwareMerchant } from '../support/merchant.ts'
import { books, coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

const moved = { ...coffee, name: 'Bluebird Coffee & Tea', origin: 'https://tea.example' }

describe.each(['sqlite', 'postgres'] as const)(
  'the merchants a payment server is started with, on %s',
  { timeout: 20_000 },
  (engine) => {
    let world: PaymentWorld
    let again: Room | null
    let bill: PaymentId
    beforeEach(async () => {
      world = await openPaymentWorld({ engine })
      bill = await world.shop.asks(eur(12_50))
      again = null
    })
    afterEach(async () => {
      await again?.close()
      await world.close()
    })

    /** Starts another process over what the first has kept. */
    async function startedAgainWith(...merchants: (typeof coffee)[]) {
      const room = await world.open({ merchants })
      again = room
      const http = async (request: Request) => room.fetch(request)
      return ({ apiKey, origin }: typeof coffee) =>
        softwareMerchant({ http, origin: walletOrigin, apiKey, shopOrigin: origin })
    }

    it('are who they were at another address, by their API keys', async () => {
      const as = await startedAgainWith(moved, books)
      expect(await as(moved).sees(bill)).toMatchObject({ id: bill, state: 'created' })
      expect(await as(moved).creates(eur(1))).toMatchObject({ ok: true })
      expect(await as(coffee).creates(eur(1))).toMatchObject({ problem: { code: 'url-refused' } })
    })

    it('are who they were with another API key, by their addresses', async () => {
      const rekeyed = { ...coffee, apiKey: 'key_coffee_2' }
      const as = await startedAgainWith(rekeyed, books)
      expect(await as(rekeyed).sees(bill)).toMatchObject({ id: bill })
      expect(await as(coffee).creates(eur(1))).toMatchObject({ problem: { code: 'api-key-refused' } })
    })

    it('cannot move to where another one is', async () => {
      await expect(startedAgainWith({ ...coffee, origin: books.origin })).rejects.toThrow(StartupError)
    })
  },
)
