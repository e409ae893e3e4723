import { describe, expect, it } from 'vitest'
import {
  firstPayFlow,
  mayAddCard,
  mayExpire,
  type PayEvent,
  type PayFlow,
  payFlow,
  usernameOf,
} from '../../../web/flows/pay-flow.ts'
import { ada, adaSignedIn, billOf, cardNumbered, declinedBill, paidBill } from './bill.ts'

const flowAfter = (...events: PayEvent[]): PayFlow => events.reduce(payFlow, firstPayFlow)
const read = (bill = billOf()): PayEvent => ({ type: 'read', bill, names: [ada], payer: null, typed: '' })

describe('who pays, to begin with', () => {
  it('is whoever is signed in, with the card they use first', () => {
    const state = flowAfter({ type: 'read', bill: billOf(), names: [ada], payer: adaSignedIn, typed: '' })
    expect(state).toMatchObject({ step: 'open', who: { kind: 'signed-in' }, card: cardNumbered(1) })
  })

  it('is the name this device used last, where nobody is signed in', () => {
    expect(flowAfter(read())).toMatchObject({
      who: { kind: 'remembered', name: { username: 'ada' } },
      card: cardNumbered(1),
    })
  })

  it('is who was named at the shop already, as far as this device knows them', () => {
    const whoAfter = (typed: string, payer: typeof adaSignedIn | null = null) =>
      flowAfter({ type: 'read', bill: billOf(), names: [ada], payer, typed })
    expect(whoAfter(' Grace ', adaSignedIn)).toMatchObject({ who: { kind: 'typing', text: 'Grace' }, card: null })
    expect(whoAfter('ADA', adaSignedIn)).toMatchObject({ who: { kind: 'signed-in' } })
    expect(whoAfter('ADA')).toMatchObject({ who: { kind: 'remembered' }, card: cardNumbered(1) })
  })

  it('is asked for, where the device remembers nobody', () => {
    const state = flowAfter({ type: 'read', bill: billOf(), names: [], payer: null, typed: '' })
    expect(state).toMatchObject({ step: 'open', who: { kind: 'typing', text: '' }, card: null })
  })

  it('is asked for again once the name is forgotten', () => {
    expect(flowAfter(read(), { type: 'forgotten', username: ada.username, names: [] })).toMatchObject({
      who: { kind: 'typing' },
      card: null,
    })
  })

  it('is asked for again once they are forgotten who are signed in, and is still known where it was somebody else', () => {
    const signedIn = { type: 'read', bill: billOf(), names: [ada], payer: adaSignedIn, typed: '' } as const
    expect(flowAfter(signedIn, { type: 'forgotten', username: ada.username, names: [] })).toMatchObject({
      who: { kind: 'typing' },
      card: null,
    })
    expect(flowAfter(signedIn, { type: 'forgotten', username: 'bob', names: [ada] })).toMatchObject({
      who: { kind: 'signed-in' },
    })
  })

  it('is a name without the spaces around it', () => {
    expect(usernameOf({ kind: 'typing', text: '  Ada ' })).toBe('Ada')
  })
})

describe('a bill that is opened', () => {
  it.each(['authorized', 'captured', 'refunded', 'expired', 'canceled', 'voided'] as const)(
    'shows its end when it is %s already, and does not lead away by itself',
    (state) => {
      expect(flowAfter(read(billOf({ state })))).toMatchObject({ step: 'settled', here: false })
    },
  )

  it.each(['approving', 'unknown'] as const)('waits for the bank when it is %s', (state) => {
    expect(flowAfter(read(billOf({ state })))).toMatchObject({ step: 'waiting' })
  })

  it('can be tried again after a decline, until no try is left', () => {
    expect(flowAfter(read(declinedBill(1)))).toMatchObject({ step: 'open' })
    expect(flowAfter(read(declinedBill(0)))).toMatchObject({ step: 'settled', here: false })
  })

  it('says so when it cannot be read, and may be read again', () => {
    const state = flowAfter({ type: 'unreadable', notice: 'offline' })
    expect(state).toEqual({ step: 'unreadable', notice: 'offline' })
    expect(payFlow(state, read())).toMatchObject({ step: 'open' })
  })

  it('has a clock only while nothing is decided', () => {
    expect([billOf(), declinedBill(), paidBill(), billOf({ state: 'unknown' })].map(mayExpire)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('paying', () => {
  const sending = [read(), { type: 'doing', doing: 'sending' }] as const satisfies PayEvent[]

  it('leads back to the shop by itself when this page paid', () => {
    expect(flowAfter(...sending, { type: 'answered', bill: paidBill() })).toMatchObject({ step: 'settled', here: true })
  })

  it('does not when another page did', () => {
    expect(flowAfter(read(), { type: 'answered', bill: paidBill() })).toMatchObject({ step: 'settled', here: false })
  })

  it('frees the button and says why when it fails', () => {
    const state = flowAfter(...sending, { type: 'failed', notice: 'passkey-dismissed' })
    expect(state).toMatchObject({ step: 'open', doing: 'nothing', notice: 'passkey-dismissed' })
  })

  it('waits for what became of it when the answer got lost, and then believes the bill', () => {
    const waiting = flowAfter(...sending, { type: 'answer-lost' })
    expect(waiting).toMatchObject({ step: 'waiting' })
    expect(payFlow(waiting, { type: 'answered', bill: billOf() })).toMatchObject({ step: 'open', doing: 'nothing' })
    expect(payFlow(waiting, { type: 'answered', bill: paidBill() })).toMatchObject({ step: 'settled', here: true })
  })

  it('stops naming a card that is not theirs any more', () => {
    expect(flowAfter(read(), { type: 'failed', notice: 'card-unknown' })).toMatchObject({ card: null })
  })

  it('does not change who pays or with what while something is under way', () => {
    const state = flowAfter(...sending)
    expect(payFlow(state, { type: 'card-chosen', card: cardNumbered(2) })).toBe(state)
    expect(payFlow(state, { type: 'choose-name' })).toBe(state)
  })

  it('lets what comes of a tap go before what was read meanwhile', () => {
    const state = flowAfter(...sending)
    expect(payFlow(state, { type: 'refreshed', bill: billOf({ state: 'approving' }) })).toBe(state)
  })

  it('is over once it is settled, whatever comes later', () => {
    const settled = flowAfter(...sending, { type: 'answered', bill: paidBill() })
    for (const late of [
      read(),
      { type: 'answered', bill: declinedBill() },
      { type: 'failed', notice: 'offline' },
    ] as const) {
      expect(payFlow(settled, late)).toBe(settled)
    }
  })
})

describe('another card is offered', () => {
  const openAs = (...events: PayEvent[]) => {
    const state = flowAfter(...events)
    if (state.step !== 'open') throw new Error('the bill is not open')
    return mayAddCard(state)
  }
  const nobody: PayEvent = { type: 'read', bill: billOf(), names: [], payer: null, typed: '' }
  const typed: PayEvent = { type: 'typed', text: 'Ada' }

  it('to whoever is signed in, and to a name that this device remembers', () => {
    expect(openAs({ type: 'read', bill: billOf(), names: [], payer: adaSignedIn, typed: '' })).toBe(true)
    expect(openAs(read())).toBe(true)
  })

  it('to a name that was typed, once its card was in the way', () => {
    expect(openAs(nobody, typed)).toBe(false)
    expect(openAs(nobody, typed, { type: 'answered', bill: declinedBill() })).toBe(true)
    expect(openAs(nobody, typed, { type: 'failed', notice: 'card-frozen' })).toBe(true)
    expect(openAs(nobody, typed, { type: 'failed', notice: 'passkey-dismissed' })).toBe(false)
  })

  it('to nobody while nobody has said a name', () => {
    expect(openAs(nobody, { type: 'answered', bill: declinedBill() })).toBe(false)
  })
})

describe('becoming a payer inside a checkout', () => {
  const enrolling = flowAfter(read(), { type: 'enrol', from: { at: 'name' } })

  it('keeps the bill, and comes back to it', () => {
    expect(enrolling).toMatchObject({ step: 'enrolling', open: { bill: billOf() } })
    expect(payFlow(enrolling, { type: 'enrol-left' })).toMatchObject({ step: 'open' })
  })

  it('ends with the bill that it paid', () => {
    const paid = { type: 'answered', bill: paidBill() } as const
    expect(payFlow(enrolling, paid)).toMatchObject({ step: 'settled', here: true, isNew: true })
    const withAnotherCard = { ...enrolling, from: { at: 'card', payer: adaSignedIn } } as const
    expect(payFlow(withAnotherCard, paid)).toMatchObject({ here: true, isNew: false })
    expect(payFlow(enrolling, { ...paid, type: 'refreshed' })).toMatchObject({ here: false, isNew: false })
  })

  it('stays at the card after a decline, for the card to be corrected', () => {
    expect(payFlow(enrolling, { type: 'answered', bill: declinedBill() })).toMatchObject({
      step: 'enrolling',
      open: { bill: { state: 'declined' } },
    })
  })
})
