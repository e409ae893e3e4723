/** The bank signs by a new key, and what it signed by the old one is proven as long as it tells that one too. */
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startApart } from '../../server/apart.ts'
import { type House, openHouse } from '../../server/house.ts'
import { keyPairFile } from '../../server/runtime/keys.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { type Verdict, verifyReceipt } from '../../shared/receipt/verify-receipt.ts'
import { nodeFetch } from '../browser/support/node-fetch.ts'
import { type Directory, environmentIn, makeDirectory } from '../house/rooms-process.ts'
import { bankDriver } from '../support/bank.ts'
import { type Http, taken } from '../support/http.ts'
import { eur, type SoftwareMerchant, softwareMerchant } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer, softwarePayer } from '../support/payer.ts'

const http: Http = (request) => nodeFetch(request)
const published = z.object({ keys: z.array(z.object({ kid: z.string(), use: z.enum(['sig', 'enc']) })) })

describe.each([
  ['together', openHouse],
  ['apart', startApart],
] as const)('rooms %s', { timeout: 120_000 }, (_arrangement, open) => {
  let directory: Directory
  let house: House
  let ada: SoftwarePayer
  let coffee: SoftwareMerchant
  beforeAll(async () => {
    directory = await makeDirectory()
    house = await open(environmentIn(directory))
    const { payment, bank, shop } = house.addresses
    ada = softwarePayer({
      username: 'ada',
      http,
      origin: payment,
      rpId: new URL(payment).hostname,
      random: systemRandom,
    })
    taken(await ada.takesName())
    taken(await ada.addsCard(await bankDriver(http, bank).issuesCard(eur(100_00))))
    const apiKey = (await readFile(join(directory.data, 'shop/api-key'), 'utf8')).trim()
    coffee = softwareMerchant({ http, origin: payment, apiKey, shopOrigin: shop })
  })
  afterAll(async () => {
    await house.end()
    await directory.remove()
  })

  const keyFile = (name: string) => join(directory.data, 'bank/keys', name)
  /** Everything is stopped, something is done to the bank's keys, and everything is started again where it was. */
  async function whileAllIsStopped(change: () => Promise<unknown>): Promise<void> {
    const portOf = (address: string) => new URL(address).port
    const { bank, payment, shop } = house.addresses
    await house.end()
    await change()
    const ports = { BANK_PORT: portOf(bank), PAYMENT_PORT: portOf(payment), SHOP_PORT: portOf(shop) }
    house = await open({ ...environmentIn(directory), ...ports })
  }

  async function toldKeys(): Promise<string[]> {
    const { keys } = published.parse(await (await nodeFetch(`${house.addresses.bank}/.well-known/bank-keys`)).json())
    return keys.filter(({ use }) => use === 'sig').map(({ kid }) => kid)
  }
  async function paid(): Promise<PaymentId> {
    const bill = await coffee.asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('captured')
    return bill
  }
  const downloads = async (payment: PaymentId) => ada.tab.downloads(`/api/payments/${payment}/receipt`)
  async function verdictOn(payment: PaymentId): Promise<Verdict> {
    const file = new Uint8Array(await (await downloads(payment)).arrayBuffer())
    return verifyReceipt(file, { bankKeyFingerprints: await toldKeys(), origins: [house.addresses.payment] })
  }

  it('prove payments across a rotation until the old key is retired, and then believe nothing under it', async () => {
    const before = await paid()
    const [first = ''] = await toldKeys()
    expect(await verdictOn(before)).toMatchObject({ isBankKnown: true, bankKeyFingerprint: first })

    await whileAllIsStopped(() => keyPairFile(keyFile('signing-2.json'), 'ES256'))
    const [second = '', ...others] = await toldKeys()
    expect(others).toEqual([first])
    const after = await paid()
    expect(await verdictOn(after)).toMatchObject({ isBankKnown: true, bankKeyFingerprint: second })
    expect(await verdictOn(before)).toMatchObject({ isBankKnown: true, bankKeyFingerprint: first })

    await whileAllIsStopped(() => rename(keyFile('signing-1.json'), keyFile('retired-signing-1.json')))
    expect(await toldKeys()).toEqual([second])
    expect(await verdictOn(after)).toMatchObject({ isBankKnown: true })
    expect(await (await downloads(before)).json()).toMatchObject({ code: 'receipt-missing' })

    for (const operation of ['authorize', 'inquire']) {
      const response = await nodeFetch(`${house.addresses.bank}/simulator/misbehaviours`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ what: 'old-key', operation, times: 1 }),
      })
      expect(response.status).toBe(201)
    }
    const bill = await coffee.asks(eur(12_50))
    expect(outcomeOf(await ada.pays(bill))).toBe('unknown')
    expect(await bankDriver(http, house.addresses.bank).takenBy(bill)).toBe(12_50)
  })
})
