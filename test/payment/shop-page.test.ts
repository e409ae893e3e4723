/** What the page of a shop may ask about its own bills, and what its payers’ browsers sign over it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOfBase64url } from '../../shared/bytes.ts'
import { payeeDialogOf, paymentDialogOf } from '../../shared/payment-dialog.ts'
import { payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { type ShopPageIntent, shopPageAnswer, shopPageIntentAnswer } from '../../shared/wire/shop-page-api.ts'
import { readAnswer, taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'
import type { Deviation, SoftwarePayer } from '../support/payer.ts'
import { type ChangeOfShown, inDialog, otherThings, sameThings, shownByBrowser } from '../support/payment-dialog.ts'
import { books, cardThat, coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'

let world: PaymentWorld
let ada: SoftwarePayer
beforeAll(async () => {
  world = await openPaymentWorld()
  ada = await world.payer('ada')
})
afterAll(() => world.close())

type Page = { readonly origin?: string; readonly method?: 'POST' | 'OPTIONS' }
function asks(path: string, body: object, { origin = coffee.origin, method = 'POST' }: Page = {}): Promise<Response> {
  const headers = { origin, 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' }
  const init = method === 'POST' ? { method, headers, body: JSON.stringify(body) } : { method, headers }
  return world.http(new Request(`${walletOrigin}/api/shop-pages/payments/${path}`, init))
}
const offered = async (bill: string, username: string): Promise<ShopPageIntent> =>
  taken(await readAnswer(await asks(`${bill}/intent`, { username }), shopPageIntentAnswer))

/** Signs as a browser does over the shop's page. @param change what a hostile page has it show instead */
async function signs(payer: SoftwarePayer, bill: string, change?: ChangeOfShown, deviation?: Deviation) {
  const asked = await offered(bill, payer.username)
  const response = signed(payer, asked, change, deviation)
  return { username: payer.username, intent: asked.intent, response }
}
function signed(
  payer: SoftwarePayer,
  { challenge, dialog, relyingPartyId: rpId }: ShopPageIntent,
  change: ChangeOfShown = (shown) => shown,
  deviation: Deviation = {},
) {
  const shown = inDialog(change(shownByBrowser(dialog, { rpId, origin: coffee.origin })))
  return payer.device.get({
    challenge: bytesOfBase64url(challenge),
    origin: coffee.origin,
    ...shown,
    ...deviation,
  })
}
const confirms = async (bill: string, confirmation: object) =>
  readAnswer(await asks(`${bill}/confirmation`, confirmation), shopPageAnswer)
const refusalOf = async (response: Response) => [response.status, (await response.json()).code]

describe('a payer who is asked by their browser over the shop’s page', () => {
  it.each(sameThings)('pays, what was shown being written %s', async (_how, change) => {
    const bill = await world.shop.asks(eur(12_50))
    const url = 'https://coffee.example/orders/1'
    expect(taken(await confirms(bill, await signs(ada, bill, change)))).toEqual({ state: 'captured', url })
    expect(await world.bookedFor(bill)).toBe(12_50)
    expect(await ada.sees(bill)).toMatchObject({ receipt: { ceremony: 'payment.get' } })
  })

  it('is shown payee and amount, and of the card nothing: anybody may have typed the name', async () => {
    const { dialog } = await offered(await world.shop.asks(eur(12_50)), 'ada')
    expect(dialog).toEqual(payeeDialogOf({ payee: coffee, amount: eur(12_50) }))
    expect(dialog.instrument.displayName).toBe('Moniker')
    expect(dialog.total).toEqual({ currency: 'EUR', value: '12.50' })
  })

  it('is not told of to the shop’s page by what the bank knows them and their card by', async () => {
    const bill = await world.shop.asks(eur(12_50))
    const answer = JSON.stringify(await offered(bill, 'ada'))
    const asked = await ada.tab.post(`/api/payments/${bill}/intent`, payIntentAnswer, { username: 'ada' })
    const { payer, card } = taken(asked).intent
    for (const text of [payer, card]) {
      expect(text).toMatch(/^\S{20,}$/)
      expect(answer).not.toContain(text)
    }
  })

  it('gets no cookie: the shop’s page has none to keep', async () => {
    const bill = await world.shop.asks(eur(12_50))
    const response = await asks(`${bill}/confirmation`, await signs(ada, bill))
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
  })

  it('is led to the bill’s own page where the bank declines', async () => {
    const eve = await world.payer('eve', cardThat.hasNoMoney)
    const bill = await world.shop.asks(eur(12_50))
    const url = `${walletOrigin}/pay/${bill}`
    expect(taken(await confirms(bill, await signs(eve, bill)))).toEqual({ state: 'declined', url })
  })
})

describe('nothing is paid by a dialog over the shop’s page', () => {
  async function isRefused(sign: (bill: string) => Promise<object>): Promise<void> {
    const bill = await world.shop.asks(eur(12_50))
    const answer = await confirms(bill, await sign(bill))
    expect(answer).toMatchObject({ ok: false, problem: { code: 'passkey-refused' } })
    expect([await world.bookedFor(bill), (await ada.sees(bill)).triesLeft]).toEqual([0, 4])
    world.clock.advance(120_000) // who fails often waits
  }

  it.each(otherThings)('which showed %s', (_what, change) => isRefused((bill) => signs(ada, bill, change)))

  it('which showed the card, as only the wallet’s own page has it do', () =>
    isRefused((bill) =>
      signs(ada, bill, (shown) => {
        const { instrument } = paymentDialogOf(someBill, { brand: 'visa', last4: '1111' })
        return { ...shown, instrument }
      }),
    ))

  it.each<[string, Deviation]>([
    ['which was over another shop’s page', { origin: books.origin }],
    ['which was in a frame', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['which is another site’s', { rpId: 'evil.example' }],
    ['that was none: the shop’s page asked by itself', { type: 'webauthn.get' }],
    ['which somebody saw who was not verified', { userVerified: false }],
  ])('%s', (_what, deviation) => isRefused((bill) => signs(ada, bill, undefined, deviation)))

  it('which was over the wallet’s page, and showed no card', () =>
    isRefused((bill) => signs(ada, bill, (shown) => ({ ...shown, topOrigin: walletOrigin }), { origin: walletOrigin })))

  it('which was for another bill of the same shop', async () => {
    const [bill, other] = [await world.shop.asks(eur(12_50)), await world.shop.asks(eur(12_50))]
    const answer = await confirms(other, await signs(ada, bill))
    expect(answer).toMatchObject({ ok: false, problem: { code: 'intent-malformed' } })
  })

  it.each(['', 'x', 'x.AAAA', '{}'])('which was for what the page wrote itself: %j', async (intent) => {
    const bill = await world.shop.asks(eur(12_50))
    const answer = await confirms(bill, { ...(await signs(ada, bill)), intent })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'intent-malformed' } })
    expect(await world.bookedFor(bill)).toBe(0)
  })

  const someBill = {
    payee: coffee,
    amount: eur(12_50),
  }
})

describe('who may ask', () => {
  it('is the page of the shop that the bill is for', async () => {
    const bill = await world.shop.asks(eur(1))
    const preflight = await asks(`${bill}/intent`, {}, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type'])
    for (const response of [preflight, await asks(`${bill}/intent`, { username: 'ada' })]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(coffee.origin)
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(response.headers.get('vary')).toBe('origin')
    }
  })

  it.each([books.origin, 'https://evil.example', 'null', `${coffee.origin}.evil.example`, walletOrigin])(
    'is no page of %s',
    async (origin) => {
      const bill = await world.shop.asks(eur(1))
      const confirmation = await signs(ada, bill)
      for (const response of [
        await asks(`${bill}/intent`, {}, { origin, method: 'OPTIONS' }),
        await asks(`${bill}/intent`, { username: 'ada' }, { origin }),
        await asks(`${bill}/confirmation`, confirmation, { origin }),
      ]) {
        expect(response.headers.get('access-control-allow-origin')).toBeNull()
        expect(await refusalOf(response)).toEqual([403, 'origin-refused'])
      }
      expect(await world.bookedFor(bill)).toBe(0)
    },
  )

  it('has its questions counted, and not those that browsers ask before each of them', async () => {
    const few = await openPaymentWorld({ config: { limits: { burst: 4, perMinute: 1 } } })
    const bill = await few.shop.asks(eur(1))
    const statusOf = async (init: RequestInit) => {
      const headers = { origin: coffee.origin, 'content-type': 'application/json' }
      const path = `${walletOrigin}/api/shop-pages/payments/${bill}/intent`
      return (await few.http(new Request(path, { ...init, headers }))).status
    }
    const body = JSON.stringify({ username: 'ada' })
    const asked = [1, 2, 3, 4, 5].map(async () => [
      await statusOf({ method: 'OPTIONS' }),
      await statusOf({ method: 'POST', body }),
    ])
    const statuses = (await Promise.all(asked)).flat()
    expect(statuses.filter((status) => status === 200)).toHaveLength(4)
    expect(statuses.filter((status) => status === 204)).toHaveLength(4)
    await few.close()
  })

  it('tries no more names than one person at a till has', async () => {
    const bill = await world.shop.asks(eur(1))
    for (let tried = 0; tried < 10; tried += 1) await offered(bill, `name-${tried}`)
    expect(await refusalOf(await asks(`${bill}/intent`, { username: 'ada' }))).toEqual([429, 'too-many-requests'])
  })
})

describe('to a shop that tries names', () => {
  const lengthsOf = ({ credentialIds }: ShopPageIntent) => credentialIds.map((id) => id.length)

  it('a name nobody has answers like one somebody has', async () => {
    const bill = await world.shop.asks(eur(1))
    const known = await offered(bill, 'ada')
    taken(await ada.signsIn())
    const [own] = (await ada.passkeys()).map(({ credentialId }) => credentialId)
    expect(known.credentialIds).toContain(own)
    for (const name of ['nobody', 'Nobody Else', '4111111111111111', '张伟']) {
      const unknown = await offered(bill, name)
      expect(lengthsOf(unknown)).toEqual(lengthsOf(known))
      expect(new Set(unknown.credentialIds).size).toBe(known.credentialIds.length)
      expect(shapeOf(unknown)).toEqual(shapeOf(known))
    }
  })

  it('each name is answered alike every time, and unlike any other', async () => {
    const [bill, other] = [await world.shop.asks(eur(1)), await world.shop.asks(eur(2))]
    for (const name of ['ada', 'nobody']) {
      expect((await offered(other, name)).credentialIds).toEqual((await offered(bill, name)).credentialIds)
    }
    const ofOther = (await offered(bill, 'somebody')).credentialIds
    expect((await offered(bill, 'nobody')).credentialIds.some((id) => ofOther.includes(id))).toBe(false)
  })

  it('refuses a signature alike, whoever has the name', async () => {
    const stranger = world.newcomer('stranger')
    taken(await stranger.takesName())
    const refusals = []
    for (const username of ['ada', 'nobody']) {
      const bill = await world.shop.asks(eur(1))
      const asked = await offered(bill, username)
      refusals.push(await confirms(bill, { username, intent: asked.intent, response: signed(stranger, asked) }))
    }
    expect(refusals[0]).toMatchObject({ ok: false, problem: { code: 'passkey-refused' } })
    expect(refusals[1]).toEqual(refusals[0])
  })
})

/** Every member’s name and the length of its text: all but the random letters. */
const shapeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([key, member]) => [key, shapeOf(member)])
    : String(value).length
