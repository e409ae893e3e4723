import type { MerchantDesk } from '../../../server/payment/room.ts'
import type { ConsoleRole } from '../../../shared/wire/console-api.ts'
import { type SoftwarePerson, softwarePerson } from '../../support/console.ts'
import { taken } from '../../support/http.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { books, coffee, type PaymentWorld, walletOrigin } from '../payment-world.ts'

/** The people of this world's merchants, who each come with a device of their own. */
export async function consoleMembers(world: PaymentWorld, desk: MerchantDesk) {
  const random = seededRandom('people')
  const merchants = await desk.merchants.list()
  const merchantAt = (origin: string) => {
    const merchant = merchants.find((one) => one.origin === origin)
    if (merchant === undefined) throw new Error(`there is no merchant at ${origin}`)
    return merchant.id
  }
  const person = (device?: SoftwarePerson['device']): SoftwarePerson =>
    softwarePerson({ http: world.http, origin: walletOrigin, rpId: 'pay.localhost', random, ...(device && { device }) })
  const invites = (origin = coffee.origin, role: ConsoleRole = 'owner'): Promise<string> =>
    desk.people.invite(merchantAt(origin), role, null)
  return {
    ids: { coffee: merchantAt(coffee.origin), books: merchantAt(books.origin) },
    person,
    invites,
    async member(origin = coffee.origin, role: ConsoleRole = 'owner'): Promise<SoftwarePerson> {
      const somebody = person()
      taken(await somebody.joins(await invites(origin, role)))
      return somebody
    },
  }
}
export type Members = Awaited<ReturnType<typeof consoleMembers>>
