/** Who gets the proof of a payment, and what they do with it. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importKeyPair, makePrivateKey } from '../../server/runtime/keys.ts'
import { systemRandom } from '../../server/runtime/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { verifyReceipt } from '../../shared/receipt/verify-receipt.ts'
import { forger } from '../shared/receipt/receipt-world.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import { outcomeOf, type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { bankOrigin, openWorld, payOrigin, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const asks = (): Promise<PaymentId> => world.merchant('Bluebird Coffee').asks(eur(12_50))
const pathOf = (payment: PaymentId) => `/api/payments/${payment}/receipt`
/** What the answer is in one word: the file, or the problem's code. */
async function wordOf(response: Response): Promise<string> {
  if (response.ok) return 'file'
  const { code } = await response.json()
  return code
}
const downloads = async (payer: SoftwarePayer, payment: PaymentId): Promise<string> =>
  wordOf(await payer.tab.downloads(pathOf(payment)))
const merchantDownloads = (payment: PaymentId, apiKey: string): Promise<Response> =>
  world.http(
    new Request(new URL(`/v1/payments/${payment}/receipt`, payOrigin), {
      headers: { authorization: `Bearer ${apiKey}` },
    }),
  )
const coffeeKey = 'key_test_coffee_0123456789abcdef'

/** The same person and passkey, in a browser that has just been opened: no cookies. */
const inAnotherBrowser = ({ username, device }: SoftwarePayer): SoftwarePayer =>
  softwarePayer({ username, device, http: world.http, origin: payOrigin, rpId: 'pay.localhost', random: systemRandom })

describe('the browser that paid', () => {
  it('gets the proof as a file with a name, and without a session', async () => {
    const ada = await world.payer('ada')
    const elsewhere = world.stranger('ada')
    const payment = await asks()
    const signed = await ada.signs(payment)
    taken(await elsewhere.confirms(payment, signed)) // never signed in: all that it has is that it confirmed
    const response = await elsewhere.tab.downloads(pathOf(payment))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="moniker-receipt-${payment}.json"`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const trust = { bankKeyFingerprints: [world.bankKeys.signing.publicJwk.kid], origins: [payOrigin] }
    const { agreed } = await verifyReceipt(new Uint8Array(await response.arrayBuffer()), trust)
    expect(agreed).toMatchObject({ payment, amount: { minor: 12_50, currency: 'EUR' } })
  })

  it('gets it in no other way than by what it confirmed itself', async () => {
    const poor = await world.payer('poor', { does: 'insufficient-funds' })
    const rich = await world.payer('rich')
    const payment = await asks()
    expect(outcomeOf(await poor.pays(payment))).toBe('declined')
    expect(outcomeOf(await rich.pays(payment))).toBe('captured')
    expect([await downloads(poor, payment), await downloads(rich, payment)]).toEqual(['payment-unknown', 'file'])
  })

  it('gets nothing where nothing was paid', async () => {
    const bob = await world.payer('bob', { does: 'lost-card' })
    const payment = await asks()
    expect(await downloads(bob, payment)).toBe('payment-unknown')
    expect(outcomeOf(await bob.pays(payment))).toBe('declined')
    expect(await downloads(bob, payment)).toBe('receipt-missing')
  })
})

describe('the payer', () => {
  it('gets it later and elsewhere, once they are signed in', async () => {
    const carol = await world.payer('carol')
    const payment = await asks()
    taken(await carol.pays(payment))
    const later = inAnotherBrowser(carol)
    expect(await downloads(later, payment)).toBe('session-missing')
    taken(await later.signsIn())
    expect(await downloads(later, payment)).toBe('file')
  })

  it('gets nobody else’s', async () => {
    const [dan, eve] = [await world.payer('dan'), await world.payer('eve')]
    const payment = await asks()
    taken(await dan.pays(payment))
    expect(await downloads(eve, payment)).toBe('payment-unknown')
  })
})

describe('the shop', () => {
  it('gets no proof from us, neither by its key nor by the payment’s address: it would tell whose passkey paid', async () => {
    const fay = await world.payer('fay')
    const payment = await asks()
    taken(await fay.pays(payment))
    expect(await wordOf(await merchantDownloads(payment, coffeeKey))).toBe('route-unknown')
    expect(await wordOf(await world.http(new Request(new URL(pathOf(payment), payOrigin))))).toBe('session-missing')
  })
})

describe('the command', { timeout: 60_000 }, () => {
  const program = fileURLToPath(new URL('../../server/verify-receipt.ts', import.meta.url))
  const run = async (...words: string[]): Promise<{ status: number; says: string }> =>
    promisify(execFile)(process.execPath, [program, ...words]).then(
      ({ stdout }) => ({ status: 0, says: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        status: error.code,
        says: error.stdout + error.stderr,
      }),
    )

  const save = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(join(world.directory, name), content)
    return join(world.directory, name)
  }
  const receiptOf = async (payer: SoftwarePayer, payment: PaymentId): Promise<Buffer> =>
    Buffer.from(await (await payer.tab.downloads(pathOf(payment))).arrayBuffer())
  const publishedKeys = async (): Promise<string> => {
    const published = await world.bank.receives(new Request(new URL('/.well-known/bank-keys', bankOrigin)))
    return save('bank-keys.json', await published.text())
  }

  it('proves a payment, and refuses one with a byte changed, or of a bank that is not the one given', async () => {
    const gus = await world.payer('gus')
    const payment = await asks()
    taken(await gus.pays(payment))
    const bytes = await receiptOf(gus, payment)
    const file = await save('receipt.json', bytes)
    const bankKeys = await publishedKeys()
    const proven = await run(file, '--bank-keys', bankKeys, '--origin', payOrigin)
    expect(proven.status).toBe(0)
    expect(proven.says).toMatch(/€12\.50\n.*Bluebird Coffee.*\(https:\/\/coffee\.example\)/)
    expect(proven.says).toContain('This payment is proven.')
    expect(proven.says).toMatch(/^Captured +€12\.50$/m)
    expect(proven.says).not.toContain('✗')

    expect((await run(file, bankKeys)).says).toContain('This payment is proven.') // as npm hands it on without `--`

    const changed = await run(await save('changed.json', bytes.toString().replace('"minor":1250', '"minor":1251')))
    expect(changed.status).toBe(1)
    expect(changed.says).toContain('✗ NOT SO: The passkey was asked to sign this payment and nothing else.')
    expect(changed.says).toContain('This file proves nothing.')

    const sealingOnly = JSON.stringify({
      keys: [{ ...world.bankKeys.sealing[0]?.publicJwk, use: 'enc' }],
    })
    const other = await run(file, '--bank-keys', await save('other-keys.json', sealingOnly))
    expect(other.status).toBe(1)
    expect(other.says).toContain('✗ NOT SO: It is a key of the bank you named.')
    expect((await run()).status).toBe(1)
    expect((await run(join(world.directory, 'nowhere.json'))).status).toBe(1)
  })

  it('ends with 2 where nobody said whose the bank’s key is: anybody can make one, and a file in which all else holds', async () => {
    const hal = await world.payer('hal')
    const payment = await asks()
    taken(await hal.pays(payment))
    const bytes = await receiptOf(hal, payment)
    const own = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
    const selfMade = await forger(world, hal, new Uint8Array(bytes)).withDecision(
      {},
      'moniker-authorize-answer+jws',
      own,
    )
    for (const file of [await save('true.json', bytes), await save('self-made.json', Buffer.from(selfMade))]) {
      const alone = await run(file)
      expect(alone.status).toBe(2)
      expect(alone.says).toContain('proves this payment only if that key is the bank’s')
      expect(alone.says).not.toContain('This payment is proven.')
    }
    expect((await run(join(world.directory, 'self-made.json'), '--bank-keys', await publishedKeys())).status).toBe(1)
  })

  it('says of money that was set aside that it was not taken yet', async () => {
    world.clock.advance(60_000) // so often a minute one network may write
    const ivy = await world.payer('ivy')
    const payment = await world.merchant('Bluebird Coffee').asks(eur(12_50), { capture: 'manual' })
    taken(await ivy.pays(payment))
    const file = await save('set-aside.json', await receiptOf(ivy, payment))
    const proven = await run(file, '--bank-keys', await publishedKeys())
    expect(proven.status).toBe(0)
    expect(proven.says).toMatch(/^Captured +nothing: set aside, not taken yet$/m)
    expect(proven.says).not.toContain('This payment is proven.')
  })
})
