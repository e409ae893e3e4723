import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { atRest } from '../../server/payment/at-rest.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf } from '../support/payer.ts'
import { cardThat, openPaymentWorld, type PaymentWorld } from './payment-world.ts'

describe('text closed at rest', () => {
  const [first, second] = [makeSecret(), makeSecret()]
  const closet = atRest([first], systemRandom)

  it('opens as what it was, in its own context', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string({ unit: 'grapheme' }), (context, text) => {
        expect(closet.open(context, closet.close(context, text))).toBe(text)
      }),
    )
  })

  it('opens in no other context, however the parts are cut', () => {
    const closed = closet.close(['record', 'ab', 'c'], 'text')
    for (const context of [['record', 'a', 'bc'], ['record', 'abc'], ['record', 'c', 'ab'], ['ab', 'c'], []]) {
      expect(() => closet.open(context, closed)).toThrow()
    }
  })

  it('does not open with one bit changed, cut short, or with other keys', () => {
    const closed = closet.close(['record'], 'text')
    const [keyId, encoded = ''] = closed.split('.')
    const bytes = Buffer.from(encoded, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(() => closet.open(['record'], `${keyId}.${changed.toString('base64url')}`)).toThrow()
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => closet.open(['record'], `${keyId}.${bytes.subarray(0, length).toString('base64url')}`)).toThrow()
    }
    expect(() => atRest([second], systemRandom).open(['record'], closed)).toThrow()
    expect(() => atRest([{ id: first.id, key: second.key }], systemRandom).open(['record'], closed)).toThrow()
  })

  it('is closed with the current key and opens with an older one', () => {
    const rotated = atRest([second, first], systemRandom)
    expect(rotated.open(['record'], closet.close(['record'], 'text'))).toBe('text')
    expect(rotated.close(['record'], 'text')).toMatch(new RegExp(`^${second.id}\\.`))
  })

  it('never looks the same twice', () => {
    expect(closet.close([], 'text')).not.toBe(closet.close([], 'text'))
  })
})

describe('in the databases', () => {
  let world: PaymentWorld
  beforeEach(async () => {
    world = await openPaymentWorld()
  })
  afterEach(() => world.close())

  it('there is no name, no seal, no card number and no API key to read', async () => {
    const ada = world.newcomer('Ada_Lovelace')
    await ada.takesName()
    const bill = await world.shop.asks(eur(12_50), { reference: 'findable-reference' })
    const confirmation = await ada.signs(bill, { newCard: cardThat.pays })
    expect(outcomeOf(await ada.confirms(bill, confirmation))).toBe('captured')
    const bytes = await everythingIn(world.directory, ['payment', 'cards'])
    const ciphertext = confirmation.sealed?.split('.')[3] ?? ''
    expect(ciphertext.length).toBeGreaterThan(100)
    for (const secret of ['ada_lovelace', 'Ada_Lovelace', 'key_coffee', ciphertext, cardThat.pays.number]) {
      expect(bytes.includes(secret), secret).toBe(false)
    }
    expect(bytes.includes('findable-reference')).toBe(true)
  })

  it('one payer’s card record put into another one’s row opens for neither', async () => {
    const ada = await world.payer('ada')
    const eve = await world.payer('eve', cardThat.paysToo)
    world.database('cards', (sqlite) => {
      const rows = sqlite.prepare('select id, record_closed from card order by created_at_ms, id').all()
      const [first, second] = rows as { id: string; record_closed: string }[]
      const put = sqlite.prepare('update card set record_closed = ? where id = ?')
      put.run(second?.record_closed, first?.id)
      put.run(first?.record_closed, second?.id)
    })
    for (const payer of [ada, eve]) {
      const bill = await world.shop.asks(eur(12_50))
      expect(outcomeOf(await payer.pays(bill))).toBe('internal-error')
      expect((await payer.sees(bill)).state).toBe('created')
    }
    expect(world.asked).not.toContain('/authorizations')
  })

  it('a whole card row given to another payer pays for neither', async () => {
    const ada = await world.payer('ada')
    const eve = await world.payer('eve', cardThat.paysToo)
    world.database('cards', (sqlite) => {
      const owners = sqlite.prepare('select id, payer_id from card').all() as { id: string; payer_id: string }[]
      const [first, second] = owners
      sqlite.prepare('update card set payer_id = ?, number = 2 where id = ?').run(second?.payer_id, first?.id)
      sqlite.prepare('update card set payer_id = ?, number = 3 where id = ?').run(first?.payer_id, second?.id)
    })
    for (const payer of [ada, eve]) {
      expect(outcomeOf(await payer.pays(await world.shop.asks(eur(12_50))))).toBe('internal-error')
    }
    expect(world.asked).not.toContain('/authorizations')
  })

  it('a passkey given to another payer signs in as nobody', async () => {
    await world.payer('ada')
    const eve = await world.payer('eve')
    world.database('payment', (sqlite) => {
      const ada = sqlite.prepare('select payer_id from passkey order by rowid limit 1').pluck().get()
      sqlite.prepare('update passkey set payer_id = ? where payer_id <> ?').run(ada, ada)
    })
    expect(await eve.signsIn()).toMatchObject({ problem: { code: 'passkey-refused' } })
  })
})

async function everythingIn(directory: string, names: readonly string[]): Promise<Buffer> {
  const files = (await readdir(directory)).filter((file) => names.some((name) => file.startsWith(name)))
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(directory, file)))))
}
