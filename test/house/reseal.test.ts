import { execFile } from 'node:child_process'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../../server/house.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import { bankDriver } from '../support/bank.ts'
import { type Http, taken } from '../support/http.ts'
import { eur, softwareMerchant } from '../support/merchant.ts'
import { type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { type Directory, environmentIn, makeDirectory } from './rooms-process.ts'

const scriptAt = (name: string) => fileURLToPath(new URL(`../../server/${name}.ts`, import.meta.url))
const portOf = (address: string) => new URL(address).port
/** Where names under `localhost` do not resolve, their address does. */
const http: Http = (request) => {
  const url = new URL(request.url)
  url.hostname = '127.0.0.1'
  return fetch(new Request(url, request))
}

function run(script: string, words: string[], env: Record<string, string | undefined> = {}) {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string; complained: string }>()
  const environment = { PATH: process.env.PATH, ...env }
  execFile(process.execPath, [scriptAt(script), ...words], { env: environment }, (error, said, complained) =>
    resolve({ code: error?.code ?? 0, said, complained }),
  )
  return promise
}

describe('npm run reseal', { timeout: 60_000 }, () => {
  let directory: Directory
  let house: House
  let ada: SoftwarePayer
  beforeAll(async () => {
    directory = await makeDirectory()
    house = await openHouse(environmentIn(directory))
    const { payment, bank } = house.addresses
    const rpId = new URL(payment).hostname
    ada = softwarePayer({ username: 'ada', http, origin: payment, rpId, random: systemRandom })
    taken(await ada.takesName())
    taken(await ada.addsCard(await bankDriver(http, bank).issuesCard(eur(100_00))))
  })
  afterAll(async () => {
    await house.end()
    await directory.remove()
  })

  const keysOf = (room: 'payment' | 'bank', name = '') => join(directory.data, room, 'keys', name)

  /** At the same addresses, whose names are in everything that was signed. */
  async function startsAgain(): Promise<void> {
    const { payment, bank, shop } = house.addresses
    await house.end()
    const ports = { PAYMENT_PORT: portOf(payment), BANK_PORT: portOf(bank), SHOP_PORT: portOf(shop) }
    house = await openHouse({ ...environmentIn(directory), ...ports })
  }

  function reseal(variables: Record<string, string> = {}) {
    const { payment, bank } = house.addresses
    return run('reseal', [], {
      DATA_DIRECTORY: directory.data,
      PAYMENT_ORIGIN: payment,
      BANK_ORIGIN: bank,
      BANK_URL: `http://127.0.0.1:${portOf(bank)}`,
      PAYMENT_URL: `http://127.0.0.1:${portOf(payment)}`,
      ...variables,
    })
  }

  async function paysOneCoffee(): Promise<string> {
    const { payment, shop } = house.addresses
    const apiKey = (await readFile(join(directory.data, 'shop/api-key'), 'utf8')).trim()
    const bill = await softwareMerchant({ http, origin: payment, apiKey, shopOrigin: shop }).asks(eur(3_80))
    return taken(await ada.pays(bill)).state
  }

  it('makes the older keys needless, which are then deleted, and people go on paying', async () => {
    expect(await paysOneCoffee()).toBe('captured')
    for (const file of [keysOf('payment', 'at-rest-2.json'), keysOf('bank', 'record-2.json')]) {
      expect((await run('make-key', [file])).code).toBe(0)
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    }

    // The server that runs has not read the new key: it could not open what is closed by it.
    expect(await reseal()).toMatchObject({ code: 2, said: '', complained: expect.stringMatching(/start it again/) })
    await startsAgain()
    const { code, said } = await reseal()
    expect(said.split('\n').map((line) => line.split(/: +/))).toEqual([
      ['names', '1 closed again'],
      ['passkey names', '0 closed again'],
      ['bindings', '0 closed again'],
      ['invitations', '0 closed again'],
      ['authorizations', '1 closed again'],
      // The shop says by itself where it wants to be told: perhaps before, perhaps after.
      ['webhook keys', expect.stringMatching(/^[01] closed again$/)],
      ['push subscriptions', '0 closed again'],
      ['nicknames', '0 closed again'],
      ['confirmations', '0 closed again'],
      ['limits', '0 closed again'],
      ['signed changes', '0 closed again'],
      ['cards', '1 sealed anew, 0 already were'],
      [''],
      ['The older keys at rest, and the bank’s older record keys, are not needed any more.'],
      [''],
    ])
    expect(code).toBe(0)

    await rm(keysOf('payment', 'at-rest-1.json'))
    await rm(keysOf('bank', 'record-1.json'))
    await startsAgain()
    expect(await paysOneCoffee()).toBe('captured')
    expect((await readdir(keysOf('payment'))).filter((file) => file.startsWith('at-rest'))).toEqual(['at-rest-2.json'])
    expect((await reseal()).said).toContain('0 sealed anew, 1 already were')
  })

  it('tells what keeps it from going on', async () => {
    expect(await reseal({ BANK_URL: 'http://127.0.0.1:9' })).toMatchObject({
      code: 2,
      said: '',
      complained: expect.stringMatching(/BANK_URL/),
    })
    const nothing = { DATA_DIRECTORY: join(directory.path, 'nothing') }
    expect(await reseal(nothing)).toMatchObject({
      code: 2,
      said: '',
      complained: expect.stringMatching(/cannot be read/),
    })
    await expect(stat(nothing.DATA_DIRECTORY)).rejects.toThrow('ENOENT')
  })

  it('may be run while the payment server does not', async () => {
    expect(await reseal({ PAYMENT_URL: 'http://127.0.0.1:9' })).toMatchObject({ code: 0 })
  })

  it('no key is made in the place of another one', async () => {
    const file = keysOf('payment', 'at-rest-2.json')
    const before = await readFile(file, 'utf8')
    expect(await run('make-key', [file])).toMatchObject({ code: 1, complained: `${file} is there already.\n` })
    expect(await readFile(file, 'utf8')).toBe(before)
    expect((await run('make-key', [])).code).toBe(1)
  })
})
