/** The rooms together in one process and apart in three: the same story, told over sockets, comes out the same. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startApart } from '../../server/apart.ts'
import { type House, openHouse } from '../../server/house.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import { nodeFetch } from '../browser/support/node-fetch.ts'
import { type BankDriver, bankDriver } from '../support/bank.ts'
import { taken } from '../support/http.ts'
import { eur, type SoftwareMerchant, softwareMerchant } from '../support/merchant.ts'
import { outcomeOf, softwarePayer } from '../support/payer.ts'
import { freshPostgresUrl } from '../support/postgres.ts'

const arrangements = [
  ['together', openHouse],
  ['apart', startApart],
] as const
const engines = ['sqlite', 'postgres'] as const

describe.each(arrangements)('rooms %s', (_arrangement, open) => {
  describe.each(engines)('on %s', (engine) => {
    let directory: string
    let house: House
    let bank: BankDriver
    let coffee: SoftwareMerchant
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'moniker-house-'))
      house = await open({ ...(await environmentOf(engine)), DATA_DIRECTORY: directory })
      const http = (request: Request) => nodeFetch(request)
      bank = bankDriver(http, house.addresses.bank)
      const apiKey = (await readFile(join(directory, 'shop', 'api-key'), 'utf8')).trim()
      coffee = softwareMerchant({ http, origin: house.addresses.payment, apiKey, shopOrigin: house.addresses.shop })
    })
    afterEach(async () => {
      await house.end()
      await rm(directory, { recursive: true })
    })

    it('let somebody enrol, pay, be declined, pay again, and never twice', async () => {
      const ada = softwarePayer({
        username: 'ada',
        http: (request) => nodeFetch(request),
        origin: house.addresses.payment,
        rpId: new URL(house.addresses.payment).hostname,
        random: systemRandom,
      })
      taken(await ada.takesName())
      taken(await ada.addsCard(await bank.issuesCard(eur(20_00))))

      const first = await coffee.asks(eur(12_50))
      const tap = await ada.signs(first)
      const taps = await Promise.all([ada.confirms(first, tap), ada.confirms(first, tap)])
      expect(taps.map(outcomeOf)).toContain('captured')
      expect(outcomeOf(await ada.pays(await coffee.asks(eur(12_50))))).toBe('declined')
      expect(outcomeOf(await ada.pays(await coffee.asks(eur(7_50))))).toBe('captured')

      expect(await bank.balanceOf(ada)).toBe(0)
      expect(await coffee.sees(first)).toMatchObject({ state: 'captured', capturedMinor: 12_50 })
      expect(await bank.check()).toMatchObject({ sumsToZero: true })
    })
  })
})

async function environmentOf(engine: (typeof engines)[number]): Promise<Record<string, string>> {
  const ports = { PAYMENT_PORT: '0', SHOP_PORT: '0', BANK_PORT: '0' }
  if (engine === 'sqlite') return ports
  const variables = ['PAYMENT_DATABASE_URL', 'CARD_DATABASE_URL', 'BANK_DATABASE_URL', 'SHOP_DATABASE_URL']
  const urls = await Promise.all(variables.map(async (variable) => [variable, await freshPostgresUrl()] as const))
  return { ...ports, ...Object.fromEntries(urls) }
}
