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

  it.each([
    ['PAYMENT_PORT', '65536', 'a whole number from 0 to 65535'],
    ['SHOP_PORT', '-1', 'a whole number from 0 to 65535'],
    ['SHOP_PORT', '80 ', 'a whole number from 0 to 65535'],
    [
      'PAYMENT_ORIGIN',
      'http://pay.example',
      'an origin such as https://pay.example, without a path; http only for localhost',
    ],
    [
      'SHOP_ORIGIN',
      'https://shop.example/',
      'an origin such as https://pay.example, without a path; http only for localhost',
    ],
    ['BANK_DATABASE_URL', 'mysql://root:hunter2@db/bank', 'a database address that starts with sqlite: or postgres://'],
    ['BANK_URL', 'bank.example', 'a URL that starts with https:, or with http: and an address of this machine'],
    [
      'PAYMENT_URL',
      'http://203.0.113.7:4410',
      'a URL that starts with https:, or with http: and an address of this machine',
    ],
    ['BANK_IS_SIMULATOR', 'yes', 'true or false'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, proxy', 'addresses or CIDR blocks with commas between them'],
    ['TRUSTED_PROXIES', '127.0.0.1,', 'addresses or CIDR blocks with commas between them'],
  ])('%s=%s is refused by name, and its value is not repeated', (name, value, expected) => {
    expect(() => readWishes({ [name]: value })).toThrow(new StartupError(`${name} must be ${expected}.`))
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
