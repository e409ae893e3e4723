import { expect, it } from 'vitest'
import type { PayIntent } from '../../../shared/intent.ts'
import type { Bill } from '../../../shared/wire/payment-api.ts'
import { paymentClient } from '../../../web/doors/payment-client.ts'
import { cardToPayWith } from '../../../web/flows/card-use.ts'
import { billOf, cardNumbered } from './bill.ts'

const bill = billOf()
const seal = 'A'.repeat(43)
const payer = { username: 'ada', display: 'Ada', passkeys: [], cards: [] }
const intent: PayIntent = {
  v: 1,
  purpose: 'pay',
  nonce: 'A'.repeat(43),
  notAfter: 1,
  payment: bill.id,
  payee: { id: 'merchant_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payee']['id'], ...bill.payee },
  amount: bill.amount,
  reference: bill.reference,
  card: cardNumbered(1),
  payer: 'pp_AAAAAAAAAAAAAAAAAAAAAA' as PayIntent['payer'],
  seal,
}
const response = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key' as const,
  clientExtensionResults: {},
  response: { authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' },
}

/** Pays with a new card; the confirmation is answered so. */
async function paysAnswered(answer: Response): Promise<(Bill | null)[]> {
  const settled: (Bill | null)[] = []
  const client = paymentClient(async (path) =>
    String(path).endsWith('/confirmation') ? answer : Response.json({ intent }),
  )
  const use = cardToPayWith(client, bill, async (after) => {
    settled.push(after)
  })
  const { commit } = await use(payer, seal)
  await commit(response, 'sealed' as Parameters<typeof commit>[1])
  return settled
}

it.each([
  ['our own server', Response.json({ code: 'internal-error' }, { status: 500 })],
  ['our own server, closing', Response.json({ code: 'unavailable' }, { status: 503 })],
  ['a proxy that had enough of waiting', new Response('<h1>Gateway Time-out</h1>', { status: 504 })],
])('a first payment that breaks at %s is read, never guessed', async (_where, answer) => {
  expect(await paysAnswered(answer)).toEqual([null])
})

it('a first payment that is refused was not made', async () => {
  const refusal = Response.json({ code: 'passkey-refused' }, { status: 403 })
  await expect(paysAnswered(refusal)).rejects.toMatchObject({ code: 'passkey-refused' })
})
