/**
 * Every route of the merchant API's own document, asked for things that it takes, things that it nearly takes, and rubbish. Whatever comes, the
 * answer is one that the document describes, and the server is never at fault. Each answer is held to the document by the world's door.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MerchantRoute, merchantRoutes } from '../../server/payment/documentation/merchant-routes.ts'
import { problems } from '../../shared/problem.ts'
import { coffee, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { taken } from '../support/http.ts'
import { eur } from '../support/merchant.ts'

/** `FUZZ_RUNS` sets another number. */
const runs = Number(process.env.FUZZ_RUNS ?? 10_000)

const hostile = fc.constantFrom(
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '\ufeff',
    '..',
    '../..',
    '%00',
    '%2e%2e',
    "' or 1=1 --",
    '"',
    '\\',
    '$ne',
    '{{7*7}}',
    '<script>',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'NaN',
    'Infinity',
    '-0',
    '1e400',
    '9007199254740993',
    'null',
    'true',
    '٤٢',
    '💥',
    'a'.repeat(5_000),
  ],
)
const text = fc.oneof(hostile, fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }))
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, -1, 1, 2 ** 53, 1e308, 0.1))
const anything = fc.oneof(
  { weight: 3, arbitrary: text },
  number,
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
)

/** Members that routes know, each with something that fits, or does not. */
const member = <T>(fits: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fits }, { weight: 1, arbitrary: anything })
const minor = fc.integer({ min: 1, max: 600 })
const ownUrl = fc.constantFrom(`${coffee.origin}/orders/1`, `${coffee.origin}/?a=b`)
const known = fc.record(
  {
    amount: member(fc.record({ minor: member(minor), currency: member(fc.constantFrom('EUR', 'JPY', 'KWD', 'XXX')) })),
    reference: member(fc.string({ minLength: 1, maxLength: 80 })),
    description: member(fc.string({ minLength: 1, maxLength: 200 })),
    lines: member(
      fc.array(
        fc.record({
          description: member(fc.string({ minLength: 1, maxLength: 80 })),
          quantity: member(fc.integer({ min: 1, max: 9 })),
          unitAmountMinor: member(fc.integer({ min: -9, max: 9 })),
        }),
        { maxLength: 3 },
      ),
    ),
    successUrl: member(ownUrl),
    cancelUrl: member(ownUrl),
    capture: member(fc.constantFrom('automatic', 'manual')),
    metadata: member(fc.dictionary(fc.constantFrom('a', 'b.c', '9', '__proto__'), text, { maxKeys: 3 })),
    expiresInSeconds: member(fc.integer({ min: 60, max: 86_400 })),
    amountMinor: member(minor),
    reason: member(fc.string({ minLength: 1, maxLength: 200 })),
    url: member(fc.constantFrom('https://coffee.example/webhooks', 'https://127.0.0.1/', 'http://coffee.example/')),
  },
  { requiredKeys: [] },
)
const payment = fc.record({
  ...{
    amount: fc.record({ minor, currency: fc.constant('EUR') }),
    reference: fc.string({ minLength: 1, maxLength: 80 }),
  },
  ...{ successUrl: ownUrl, cancelUrl: ownUrl },
})
const deep = fc.integer({ min: 1, max: 2_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth))
/** What is taken, where nothing else is wrong. */
const fitting: Readonly<Partial<Record<NonNullable<MerchantRoute['body']>, fc.Arbitrary<object>>>> = {
  NewPayment: payment,
  NewWebhookEndpoint: fc.record({
    url: fc.constantFrom('https://coffee.example/webhooks', 'https://coffee.example/2'),
  }),
}
const bodyOf = ({ body }: MerchantRoute) =>
  fc.oneof(
    { weight: 4, arbitrary: ((body && fitting[body]) ?? fc.constant({})).map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: known.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('{"amountMinor":1,"amountMinor":2}', '{', '', '[]', '{"__proto__":{}}', '{"a":1e999}'),
    },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)) },
  )

const header = (fits: readonly string[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...fits) }, { weight: 1, arbitrary: text.filter(isHeaderValue) })
function isHeaderValue(value: string): boolean {
  try {
    new Headers({ value })
    return true
  } catch {
    return false
  }
}
const headers = fc.record({
  authorization: header([`Bearer ${coffee.apiKey}`]),
  'idempotency-key': fc.oneof({ weight: 6, arbitrary: fc.uuid() }, header(['same', 'same again'])),
  'content-type': header(['application/json', 'application/json; charset=utf-8', 'text/plain']),
})
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  fc
    .array(
      fc.tuple(fc.constantFrom('limit', 'after', 'state', 'type', 'payment', 'reference', 'createdFromMs', 'x'), text),
      { maxLength: 3 },
    )
    .map((pairs) => new URLSearchParams(pairs).toString()),
  fc.constantFrom(
    'limit=100',
    'state=created',
    'limit=0',
    'after=1~pay_AAAAAAAAAAAAAAAAAAAAAA',
    'reference=%00',
    '%',
    '&&=&',
    'limit=1&limit=2',
  ),
)

/**
 * One of several test files that share the routes, so that each core has some.
 * @param share counts from zero
 * @param engine PostgreSQL takes several times as long, so there it is asked a tenth as much
 */
export function describeRoutes(share: number, shares: number, engine: 'sqlite' | 'postgres' = 'sqlite'): void {
  const numRuns = engine === 'sqlite' ? runs : Math.ceil(runs / 10)
  let world: PaymentWorld
  beforeAll(async () => {
    world = await openPaymentWorld({ engine })
  })
  afterAll(() => world.close())
  let payers = 0

  /** Things that exist, of every kind and in every state that a merchant can bring about. */
  async function thingsThatExist(): Promise<string[]> {
    payers += 1
    const ada = await world.payer(`ada-${payers}`)
    const [paid, held] = [await world.shop.asks(eur(5_00)), await world.shop.asks(eur(5_00), { capture: 'manual' })]
    for (const bill of [paid, held]) taken(await ada.pays(bill))
    const endpoint = await world.shop.hasEndpoint('https://coffee.example/webhooks')
    const { events } = await world.shop.hasEvents('limit=3')
    const open = await world.shop.asks(eur(5_00))
    const others = await world.otherShop.asks(eur(5_00))
    return [paid, held, open, others, endpoint.id, ...events.map(({ id }) => id)]
  }

  const routes = merchantRoutes.filter((_route, index) => index % shares === share)
  describe.each(routes)(`$method $path on ${engine}`, (route) => {
    it('answers whatever comes as its document says, and is never at fault', { timeout: 900_000 }, async () => {
      const ids = await thingsThatExist()
      const id = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ids) }, text)
      const met = new Set<number>()
      await fc.assert(
        fc.asyncProperty(id, query, headers, bodyOf(route), async (name, search, sent, content) => {
          const response = await world.http(requestOf(route, { name, search, sent, content }))
          met.add(response.status)
          expect(response.status).toBeLessThan(500)
          if (response.ok) return
          expect(response.headers.get('content-type')).toBe('application/problem+json')
          expect(Object.keys(problems)).toContain((await response.json()).code)
        }),
        { numRuns },
      )
      // Where nothing at all were taken, only the first of its checks would have been tried.
      expect([...met].some((status) => status < 300)).toBe(true)
    })
  })
}

type Asked = {
  readonly name: string
  readonly search: string
  readonly sent: Record<string, string>
  readonly content: string | Uint8Array<ArrayBuffer>
}

function requestOf({ method, path }: MerchantRoute, { name, search, sent, content }: Asked): Request {
  const address = `${walletOrigin}${path.replace('{id}', () => encoded(name))}${search === '' ? '' : `?${search}`}`
  const init = { method: method.toUpperCase(), headers: sent }
  return new Request(address, method === 'get' ? init : { ...init, body: content })
}

/** As bytes of a path, whatever they are. */
const encoded = (name: string): string =>
  Array.from(Buffer.from(name), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
