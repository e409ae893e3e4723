import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHouse } from '../../server/house.ts'
import { welcome } from '../../server/welcome.ts'
import { nodeFetch } from '../browser/support/node-fetch.ts'
import { type Directory, environmentIn, makeDirectory } from './rooms-process.ts'

describe('the bank’s console', () => {
  let directory: Directory
  beforeEach(async () => {
    directory = await makeDirectory()
  })
  afterEach(() => directory.remove())

  it('of a bank that is no simulator is for whoever can read the token that was made for it', async () => {
    const house = await openHouse({ ...environmentIn(directory), BANK_IS_SIMULATOR: 'false' })
    const path = join(directory.data, 'bank/keys/operator-token')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const token = (await readFile(path, 'utf8')).trim()
    const statusFor = async (headers: Record<string, string>) =>
      (await nodeFetch(house.addresses.bank, { headers })).status
    const password = Buffer.from(`operator:${token}`).toString('base64')
    expect(await statusFor({})).toBe(401)
    expect(await statusFor({ authorization: `Basic ${password}` })).toBe(200)
    expect(await statusFor({ authorization: `Bearer ${token}` })).toBe(200)
    const theirs = (await readFile(join(directory.data, 'payment/keys/operator-token'), 'utf8')).trim()
    expect(await statusFor({ authorization: `Bearer ${theirs}` })).toBe(401)
    await house.end()
  })

  it('of a simulator is for everybody', async () => {
    const house = await openHouse(environmentIn(directory))
    expect((await nodeFetch(house.addresses.bank)).status).toBe(200)
    await house.end()
  })
})

describe('the welcome', () => {
  const addresses = { shop: 'https://shop.example', payment: 'https://pay.example', bank: 'https://bank.example' }
  const welcomed = (isBankSimulated: boolean) =>
    welcome(addresses, { dataDirectory: 'data', bankKeyDirectory: 'data/bank/keys', isBankSimulated })

  it('offers test cards where the bank is a simulator', () => {
    expect(welcomed(true)).toMatch(/4111 1111 1111 1111 {3}Pays/)
    expect(welcomed(true)).toContain('https://bank.example   the simulated bank and its ledger')
  })

  it('offers none where it is none, and says who may see its ledger', () => {
    expect(welcomed(false)).not.toMatch(/4111|imulat|[Tt]est card/)
    expect(welcomed(false)).toContain('https://bank.example   the bank')
    expect(welcomed(false)).toContain('data/bank/keys/operator-token')
  })
})
