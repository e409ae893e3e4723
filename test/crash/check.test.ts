/** The checker finds what it is there to find. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import { eur } from '../support/merchant.ts'
import { differencesOf } from './check.ts'
import { shopDifferencesOf } from './check-shop.ts'
import type { Reader } from './read-only.ts'
import { witness } from './witness.ts'

const id = paymentIdSchema.parse(`pay_${'A'.repeat(22)}`)
const ours = {
  id,
  state: 'captured',
  amount_minor: 500,
  captured_minor: 500,
  refunded_minor: 0,
  pending_minor: 0,
  authorization_reference: `${id}.1`,
}
const approval = {
  reference: `${id}.1`,
  payment: id,
  amount_minor: 500,
  nonce: 'signed',
  held_minor: 0,
  automatic_minor: 500,
  captured_minor: 500,
  refunded_minor: 0,
  posted_minor: 500,
  is_reversed: 0,
}
type Story = {
  readonly payments: readonly object[]
  readonly unanswered: readonly object[]
  readonly approvals: readonly object[]
  readonly uneven: readonly object[]
  readonly told: {
    readonly state: 'captured' | 'declined'
    readonly capturedMinor: number
    readonly refundedMinor: number
  }
}
const asItShouldBe: Story = {
  payments: [ours],
  unanswered: [],
  approvals: [approval],
  uneven: [],
  told: { state: 'captured', capturedMinor: 500, refundedMinor: 0 },
}

const reader = (tables: Record<string, readonly object[]>): Reader => ({
  async rows<S extends z.ZodType>(sql: string, row: S): Promise<z.output<S>[]> {
    const [, rows = []] = Object.entries(tables).find(([words]) => sql.includes(words)) ?? []
    return rows.map((found) => row.parse(found))
  },
  close: async () => {},
})

function differences({ payments, unanswered, approvals, uneven, told }: Story): Promise<string[]> {
  const notes = witness()
  notes.asks(id, eur(500))
  notes.of(id).nonces.add('signed')
  notes.isTold(id, told)
  const payment = reader({ 'from operation': unanswered, 'from payment': payments })
  return differencesOf(notes, payment, reader({ 'group by booking': uneven, 'from "authorization"': approvals }))
}

describe('the books', () => {
  it('agree where all is well', async () => {
    expect(await differences(asItShouldBe)).toEqual([])
  })

  it.each<[string, Partial<Story>]>([
    ['was left approving', { payments: [{ ...ours, state: 'approving' }] }],
    ['was left unknown', { payments: [{ ...ours, state: 'unknown' }] }],
    ['payment server has lost it', { payments: [] }],
    ['bank knows nothing of it', { approvals: [] }],
    ['somebody was told that it is paid', { approvals: [], payments: [{ ...ours, state: 'declined' }] }],
    ['somebody was told that it is not paid', { told: { state: 'declined', capturedMinor: 500, refundedMinor: 0 } }],
    ['and the bank approved', { payments: [{ ...ours, state: 'declined' }] }],
    ['approved 2 tries', { approvals: [approval, { ...approval, reference: `${id}.2` }] }],
    ['approved another try', { approvals: [{ ...approval, reference: `${id}.2` }] }],
    ['bank approved 400 of 500', { approvals: [{ ...approval, amount_minor: 400 }] }],
    ['was captured of', { approvals: [{ ...approval, amount_minor: 400 }] }],
    ['approved what nobody signed', { approvals: [{ ...approval, nonce: 'forged' }] }],
    ['approved what nobody signed', { approvals: [{ ...approval, nonce: null }] }],
    ['its payee has 1000', { approvals: [{ ...approval, posted_minor: 1000 }] }],
    ['captured: 500 here, 400 there', { approvals: [{ ...approval, captured_minor: 400, posted_minor: 400 }] }],
    ['refunded: 0 here, 5 there', { approvals: [{ ...approval, refunded_minor: 5, posted_minor: 495 }] }],
    ['nobody asked to refund', { approvals: [{ ...approval, refunded_minor: 5, posted_minor: 495 }] }],
    ['nobody asked to capture', { approvals: [{ ...approval, automatic_minor: 0 }] }],
    ['the bank holds 5', { approvals: [{ ...approval, held_minor: 5 }] }],
    ['something is spoken for', { payments: [{ ...ours, pending_minor: 5 }] }],
    ['it is about 400', { payments: [{ ...ours, amount_minor: 400 }] }],
    ['told that 400 was captured', { told: { state: 'captured', capturedMinor: 400, refundedMinor: 0 } }],
    ['told that 5 was refunded', { told: { state: 'captured', capturedMinor: 500, refundedMinor: 5 } }],
    ['does not sum to zero', { uneven: [{ id: 'booking_1' }] }],
    ['has no answer', { unanswered: [{ id: 'refund-1' }] }],
  ])('differ: %s', async (sentence, change) => {
    expect((await differences({ ...asItShouldBe, ...change })).join('\n')).toContain(sentence)
  })
})

describe('the shop', () => {
  const order = { id: 'coffee-1', payment: id, tickets: 1 }
  const paid = { id, state: 'captured', reference: 'coffee-1' }
  const heard = { id: 'event_1', payment: id, type: 'payment.captured', heard_at_ms: 20 }
  const heardOf = (state: string) => [{ ...heard, type: `payment.${state}` }]
  const whatDiffers = (
    orders: readonly object[],
    payments: readonly { readonly state: string }[],
    events: readonly object[] = payments.flatMap(({ state }) => heardOf(state)),
    waiting: readonly object[] = [],
  ) =>
    shopDifferencesOf(
      reader({ 'from event': events, 'from delivery': waiting, 'from payment': payments }),
      reader({ 'from coffee_order': orders }),
    )

  it('serves what is paid, and nothing else', async () => {
    expect(await whatDiffers([order], [paid])).toEqual([])
    expect(await whatDiffers([order], [{ ...paid, state: 'refunded' }])).toEqual([])
    expect(await whatDiffers([{ ...order, tickets: 0 }], [{ ...paid, state: 'declined' }])).toEqual([])
    expect(await whatDiffers([{ ...order, payment: null, tickets: 0 }], [])).toEqual([])
  })

  it.each<[string, Parameters<typeof whatDiffers>]>([
    ['captured, and has 0 tickets', [[{ ...order, tickets: 0 }], [paid]]],
    ['captured, and has 2 tickets', [[{ ...order, tickets: 2 }], [paid]]],
    ['declined, and has 1 tickets', [[order], [{ ...paid, state: 'declined' }]]],
    ['without a payment, and has 1 tickets', [[{ ...order, payment: null }], []]],
    ['counts on a payment of coffee-2', [[order], [{ ...paid, reference: 'coffee-2' }]]],
    // As where a webhook is taken for delivered that no attempt was answered for.
    ['was never heard', [[order], [paid], [{ ...heard, heard_at_ms: null }]]],
    ['is still to be told', [[order], [paid], [heard], [{ id: 'event_1' }]]],
    ['captured, and there is no event of it', [[order], [paid], heardOf('created')]],
    ['heard before the one that came first', [[order], [paid], [heard, { ...heard, id: 'event_2', heard_at_ms: 10 }]]],
    ['which does not know of it', [[{ ...order, payment: null, tickets: 0 }], [paid]]],
  ])('differs: %s', async (sentence, story) => {
    expect((await whatDiffers(...story)).join('\n')).toContain(sentence)
  })
})
