import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBankKeys } from '../../server/bank/bank-keys.ts'
import { type BankWorld, engines, messageOf, openBankWorld, post } from './bank-world.ts'

let world: BankWorld
beforeAll(async () => {
  world = await openBankWorld()
})
afterAll(() => world.close())

describe('the bank’s door', () => {
  const reference = `pay_${'A'.repeat(22)}.1`
  const id = 'message-id-of-one'
  const codeOf = async (response: Response) => ({ status: response.status, code: (await response.json()).code })

  it('opens to nobody whose key is not pinned', async () => {
    const stranger = await openBankWorld()
    const text = await messageOf(world, stranger.wallet, 'inquire', id, { reference })
    await stranger.close()
    expect(await codeOf(await post(world, 'inquire', text))).toEqual({ status: 401, code: 'message-refused' })
  })

  it('does not take one payment server’s word in the name of another', async () => {
    const impostor = { issuer: world.wallet.issuer, signing: world.otherWallet.signing }
    const text = await messageOf(world, impostor, 'inquire', id, { reference })
    expect(await codeOf(await post(world, 'inquire', text))).toEqual({ status: 401, code: 'message-refused' })
  })

  it('does not take a question of one kind for one of another', async () => {
    const text = await messageOf(world, world.wallet, 'inquire', id, { reference })
    expect(await codeOf(await post(world, 'reverse', text))).toEqual({ status: 401, code: 'message-refused' })
    expect(await world.asks.inquire({ reference })).toMatchObject({ outcome: 'absent' })
  })

  it('does not take a message that is two minutes old', async () => {
    const text = await messageOf(world, world.wallet, 'inquire', id, { reference })
    world.clock.advance(151_000)
    expect(await codeOf(await post(world, 'inquire', text))).toEqual({ status: 401, code: 'message-refused' })
  })

  it.each(['', 'a.b.c', 'a.b', '{"kid":"x"}', '\0'])('refuses %j with a reason', async (text) => {
    expect(await codeOf(await post(world, 'inquire', text))).toEqual({ status: 401, code: 'message-refused' })
  })

  it('takes messages only as what they are', async () => {
    const response = await world.http('/inquiries', { method: 'POST', body: '{}' })
    expect(await codeOf(response)).toEqual({ status: 415, code: 'content-type-unsupported' })
  })

  it('tells everybody its public keys, those it signed by before as well, and no private one', async () => {
    const rotated = await openBankWorld()
    const { signing, ...others } = rotated.keys
    const newer = (await makeBankKeys()).signing
    await rotated.reopen({ ...others, signing: newer, formerSigning: [signing] })
    const { keys } = await (await rotated.http('/.well-known/bank-keys')).json()
    expect(keys).toMatchObject([
      { kid: newer.kid, use: 'sig' },
      { kid: signing.kid, use: 'sig' },
      { kid: rotated.sealingKey.kid, use: 'enc' },
    ])
    expect(keys).toHaveLength(3)
    expect(keys.some((key: object) => 'd' in key)).toBe(false)
    await rotated.close()
  })

  it('lets no other site’s page issue cards', async () => {
    const response = await world.http('/simulator/cards', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      body: JSON.stringify({ balance: { minor: 1, currency: 'EUR' }, kind: 'debit' }),
    })
    expect(await codeOf(response)).toEqual({ status: 403, code: 'origin-refused' })
  })

  it.each(engines)('knows no account by a name that no account has, on %s', async (engine) => {
    const other = await openBankWorld(engine)
    for (const name of ['%00', 'account_%00', 'x']) {
      const response = await other.http(`/simulator/accounts/${name}`)
      expect(await codeOf(response)).toEqual({ status: 404, code: 'route-unknown' })
    }
    await other.close()
  })
})
