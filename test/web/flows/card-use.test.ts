import { expect, it } from 'vitest'
import type { Bill } from '../../../shared/wire/payment-api.ts'
import { paymentClient } from '../../../web/doors/payment-client.ts'
import { cardToPayWith } from '../../../web/flows/card-use.ts'
import { billOf } from './bill.ts'
import { assertionBy, nothing, payIntentOf } from './doors.ts'

const bill = billOf()
const seal = 'A'.repeat(43)
const payer = { username: 'ada', display: 'Ada', passkeys: [], cards: [] }
const intent = payIntentOf(bill, { seal })

/** A page of a bill, whose payment server answers so; and what the page was told, in order. */
function page(answers: { intent?: Response; confirmation?: Response }) {
  const told: (Bill | null | 'read again')[] = []
  const client = paymentClient(async (path) =>
    String(path).endsWith('/confirmation')
      ? (answers.confirmation ?? nothing())
      : (answers.intent ?? Response.json({ intent })),
  )
  const use = cardToPayWith(client, bill, {
    enrolled: async (after) => {
      told.push(after)
    },
    refresh: async () => {
      told.push('read again')
    },
  })
  return { use, told }
}

/** Pays with a new card; the confirmation is answered so. */
async function paysAnswered(confirmation: Response) {
  const { use, told } = page({ confirmation })
  const { commit } = await use(payer, seal)
  const committed = commit(assertionBy('AAAA'), 'sealed' as Parameters<typeof commit>[1])
  return { told, committed }
}
const refusal = (code: string, status: number, detail?: string) => Response.json({ code, detail }, { status })

it.each([
  ['our own server', Response.json({ code: 'internal-error' }, { status: 500 })],
  ['our own server, closing', Response.json({ code: 'unavailable' }, { status: 503 })],
  ['a proxy that had enough of waiting', new Response('<h1>Gateway Time-out</h1>', { status: 504 })],
])('a first payment that breaks at %s is read, never guessed', async (_where, answer) => {
  const { told, committed } = await paysAnswered(answer)
  expect(await committed).toBe(null)
  expect(told).toEqual([null])
})

it('a first payment that is refused was not made', async () => {
  const { committed } = await paysAnswered(refusal('passkey-refused', 403))
  await expect(committed).rejects.toMatchObject({ code: 'passkey-refused' })
})

it('a card that is refused may have ended the bill, so the bill is read before anything is said', async () => {
  const { told, committed } = await paysAnswered(refusal('card-refused', 422, 'wrong-code'))
  expect(await committed).toBe('wrong-code')
  expect(told).toEqual(['read again'])
})

it.each(['payment-expired', 'payment-settled', 'payment-in-progress'])(
  'a bill that turns out to have ended is read again: %s',
  async (code) => {
    const { told, committed } = await paysAnswered(refusal(code, 409))
    await expect(committed).rejects.toMatchObject({ code })
    expect(told).toEqual(['read again'])
    const late = page({ intent: refusal(code, 409) })
    await expect(late.use(payer, seal)).rejects.toMatchObject({ code })
    expect(late.told).toEqual(['read again'])
  },
)
