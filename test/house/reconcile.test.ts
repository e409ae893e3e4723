import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../../server/house.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { bankDriver } from '../support/bank.ts'
import { type Http, taken } from '../support/http.ts'
import { eur, softwareMerchant } from '../support/merchant.ts'
import { softwarePayer } from '../support/payer.ts'
import { type Directory, environmentIn, makeDirectory } from './rooms-process.ts'

const script = fileURLToPath(new URL('../../server/reconcile.ts', import.meta.url))
const portOf = (address: string) => new URL(address).port
/** Where names under `localhost` do not resolve, their address does. */
const http: Http = (request) => {
  const url = new URL(request.url)
  url.hostname = '127.0.0.1'
  return fetch(new Request(url, request))
}

describe('npm run reconcile', { timeout: 60_000 }, () => {
  let directory: Directory
  let house: House
  beforeAll(async () => {
    directory = await makeDirectory()
    house = await openHouse(environmentIn(directory))
  })
  afterAll(async () => {
    await house.end()
    await directory.remove()
  })

  async function reconcile(variables: Record<string, string> = {}) {
    const { bank, payment } = house.addresses
    const env = {
      PATH: process.env.PATH,
      DATA_DIRECTORY: directory.data,
      PAYMENT_ORIGIN: payment,
      BANK_ORIGIN: bank,
      BANK_URL: `http://127.0.0.1:${portOf(bank)}`,
      ...variables,
    }
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string; complained: string }>()
    execFile(process.execPath, [script], { env }, (error, said, complained) =>
      resolve({ code: error?.code ?? 0, said, complained }),
    )
    return promise
  }

  async function paid(): Promise<PaymentId> {
    const { payment, shop, bank } = house.addresses
    const random = systemRandom
    const ada = softwarePayer({ username: 'ada', http, origin: payment, rpId: new URL(payment).hostname, random })
    taken(await ada.takesName())
    taken(await ada.addsCard(await bankDriver(http, bank).issuesCard(eur(100_00))))
    const apiKey = (await readFile(join(directory.data, 'shop/api-key'), 'utf8')).trim()
    const bill = await softwareMerchant({ http, origin: payment, apiKey, shopOrigin: shop }).asks(eur(12_50))
    expect(taken(await ada.pays(bill)).state).toBe('captured')
    return bill
  }

  it('says in one line that the ledgers agree, and in a table where they do not', async () => {
    const bill = await paid()
    expect(await reconcile()).toEqual({
      code: 0,
      said: 'Both ledgers agree; authorizations compared: 1.\n',
      complained: '',
    })

    const sqlite = new BetterSqlite3(join(directory.data, 'payment/payment.db'))
    sqlite.exec('update payment set refunded_minor = 250')
    sqlite.close()
    const { code, said } = await reconcile()
    expect(code).toBe(1)
    expect(said.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['Authorization', 'What', 'Payment server', 'Bank'],
      [`${bill}.1`, 'refunded', '2.50 EUR', '0.00 EUR'],
      [''],
      ['Differences: 1; authorizations compared: 1.'],
      [''],
    ])
  })

  it('tells what keeps it from comparing', async () => {
    const nobody = { BANK_URL: 'http://127.0.0.1:9' }
    expect(await reconcile(nobody)).toMatchObject({ code: 2, said: '', complained: expect.stringMatching(/BANK_URL/) })
    const nothing = { DATA_DIRECTORY: join(directory.path, 'nothing') }
    expect(await reconcile(nothing)).toMatchObject({ code: 2, said: '' })
  })

  it('makes no key and no table: it looks at what a payment server has', async () => {
    const elsewhere = join(directory.path, 'elsewhere')
    const BANK_PUBLIC_DIRECTORY = join(directory.data, 'bank/public')
    const withoutKeys = await reconcile({ DATA_DIRECTORY: elsewhere, BANK_PUBLIC_DIRECTORY })
    expect(withoutKeys).toMatchObject({
      code: 2,
      complained: `The key ${join(elsewhere, 'payment/keys/signing.json')} cannot be read.\n`,
    })
    await expect(stat(elsewhere)).rejects.toThrow('ENOENT')

    const PAYMENT_DATABASE_URL = `sqlite:${join(elsewhere, 'payment.db')}`
    const withoutDatabase = await reconcile({ PAYMENT_DATABASE_URL })
    expect(withoutDatabase).toMatchObject({
      code: 2,
      complained: `The database ${PAYMENT_DATABASE_URL} cannot be opened: Cannot open database because the directory does not exist.\n`,
    })
    await expect(stat(elsewhere)).rejects.toThrow('ENOENT')
  })

  it('and metrics are for whoever can read the operator’s token', async () => {
    const token = (await readFile(join(directory.data, 'payment/keys/operator-token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}` }
    const metrics = await http(new Request(`${house.addresses.payment}/metrics`, { headers }))
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await metrics.text()).toContain('moniker_payments{state="captured"} 1\n')
  })
})
