import { describe, expect, it } from 'vitest'
import { StartupError } from '../../server/runtime/startup-error.ts'
import { addressesOf, readWishes, settingsOf } from '../../server/settings.ts'

const settingsBy = (environment: Record<string, string>) => {
  const wishes = readWishes(environment)
  return settingsOf(wishes, wishes.ports)
}

describe('variables', () => {
  it('are all optional', () => {
    const settings = settingsBy({})
    expect(addressesOf(settings)).toEqual({
      bank: 'http://bank.localhost:4430',
      payment: 'http://pay.localhost:4410',
      shop: 'http://shop.localhost:4420',
    })
    expect(settings.bank.databaseUrl).toBe('sqlite:data/bank/bank.db')
    expect(settings.payment.cardDatabaseUrl).toBe('sqlite:data/payment/cards.db')
  })

  it('name the proxies that are trusted: by default none', () => {
    expect(readWishes({}).variables.TRUSTED_PROXIES).toEqual([])
    const TRUSTED_PROXIES = '127.0.0.1, 2001:db8::/32'
    expect(readWishes({ TRUSTED_PROXIES }).variables.TRUSTED_PROXIES).toEqual(['127.0.0.1', '2001:db8::/32'])
  })

  it('count as absent when they are empty', () => {
    expect(settingsBy({ PAYMENT_ORIGIN: '', BANK_PORT: '' })).toEqual(settingsBy({}))
  })

  it('decide what passkeys are made for: the host of the wallet’s origin', () => {
    const { relyingParty } = settingsBy({ PAYMENT_ORIGIN: 'https://wallet.example:8443' }).payment
    expect(relyingParty).toEqual({ id: 'wallet.example', name: 'Moniker', origins: ['https://wallet.example:8443'] })
  })

  it.each<[string, Record<string, string>, boolean]>([
    ['on this machine', {}, true],
    ['at an address of this machine', { BANK_ORIGIN: 'http://bank.localhost:4430' }, true],
    ['at an address of the world', { BANK_ORIGIN: 'https://bank.example' }, false],
    [
      'at an address of the world, where it is wanted',
      { BANK_ORIGIN: 'https://bank.example', BANK_IS_SIMULATOR: 'true' },
      true,
    ],
    ['on this machine, where it is not wanted', { BANK_IS_SIMULATOR: 'false' }, false],
  ])('make the bank a simulator %s: %j', (_where, environment, isSimulator) => {
    expect(settingsBy(environment).bank.isSimulator).toBe(isSimulator)
  })

  const port = 'a whole number from 0 to 65535'
  const origin = 'an origin such as https://pay.example, without a path; http only for localhost'
  const name = 'an origin with a name such as https://pay.example: passkeys are made for names, and not for addresses'
  const room = 'a URL that starts with https:, or with http: and an address of this machine'
  const database = 'a database address that starts with sqlite: or postgres://'
  const contact = 'an address such as mailto:help@pay.example or https://pay.example/help'
  const networks = 'addresses or CIDR blocks with commas between them'

  it.each([
    ['PAYMENT_PORT', '65536', port],
    ['PAYMENT_PORT', 'abc', port],
    ['SHOP_PORT', '-1', port],
    ['SHOP_PORT', '80 ', port],
    ['PAYMENT_ORIGIN', 'http://pay.example', origin],
    ['PAYMENT_ORIGIN', 'http://127.0.0.1:4410', name],
    ['PAYMENT_ORIGIN', 'http://[::1]:4410', name],
    ['SHOP_ORIGIN', 'https://shop.example/', origin],
    ['BANK_DATABASE_URL', 'bank.db', database],
    ['BANK_URL', 'bank.example', room],
    ['PAYMENT_URL', 'http://203.0.113.7:4410', room],
    ['PAYMENT_URL', 'ftp://pay.example', room],
    ['PAYMENT_CONTACT', 'help', contact],
    ['PAYMENT_CONTACT', 'http://pay.example', contact],
    ['BANK_IS_SIMULATOR', 'yes', 'true or false'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, proxy', networks],
    ['TRUSTED_PROXIES', '127.0.0.1,', networks],
  ])('%s=%s is refused by name, with what it is and what it must be', (variable, value, expected) => {
    expect(() => readWishes({ [variable]: value })).toThrow(
      new StartupError(`${variable} must be ${expected}, and is ${JSON.stringify(value)}.`),
    )
  })

  it.each([
    ['BANK_DATABASE_URL', 'mysql://root:hunter2@db/bank'],
    ['BANK_DATABASE_URL', 'root:hunter2@db/bank'],
    ['BANK_DATABASE_URL', 'mysql://root:hun@ter2@db/bank'],
    ['BANK_DATABASE_URL', 'mysql://db/bank?password=hunter2'],
    ['SHOP_ORIGIN', 'https://shop:hunter2@shop.example'],
  ])('%s=%s is refused without its password', (variable, value) => {
    expect(() => readWishes({ [variable]: value })).toThrow(`${variable} must be `)
    expect(() => readWishes({ [variable]: value })).not.toThrow(/hun|ter2/)
  })

  it.each(['PAYMENT_PROT', 'BANK_DATABSE_URL', 'CARD_STORE_URL', 'SHOP_URL'])('%s is a slip of the pen', (name) => {
    expect(() => readWishes({ [name]: 'x' })).toThrow(
      `There is no variable ${name}; those there are: BANK_DATABASE_URL, `,
    )
  })

  it('of other programs are none of our business', () => {
    expect(() => readWishes({ PATH: '/bin', PORT: 'x', npm_config_shop: 'x' })).not.toThrow()
  })
})
