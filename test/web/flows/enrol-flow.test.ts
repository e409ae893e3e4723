import { describe, expect, it } from 'vitest'
import type { SealedCard } from '../../../shared/card.ts'
import { type EnrolEvent, type EnrolFlow, enrolFlow, firstEnrolFlow } from '../../../web/flows/enrol-flow.ts'
import { ada, adaSignedIn, visa } from './bill.ts'

const from = (start: EnrolFlow, ...events: EnrolEvent[]): EnrolFlow => events.reduce(enrolFlow, start)
const naming = firstEnrolFlow({ at: 'name' })
const atCard = firstEnrolFlow({ at: 'card', payer: adaSignedIn })
const free = { kind: 'free', username: 'ada', display: 'Ada' } as const
const sealed = { sealed: 'a.b.c.d.e' as SealedCard, seal: 'hash', face: visa }

describe('choosing a name', () => {
  it('shows the answer to the name in the field', () => {
    expect(
      from(naming, { type: 'typed', text: 'Ada' }, { type: 'name-answered', text: 'Ada', answer: free }),
    ).toMatchObject({ answer: free })
  })

  it('ignores an answer to a name that was typed before', () => {
    const state = from(naming, { type: 'typed', text: 'Ada' }, { type: 'typed', text: 'Adam' })
    expect(enrolFlow(state, { type: 'name-answered', text: 'Ada', answer: free })).toBe(state)
  })

  it('puts a refusal of the name next to the field, and everything else above it', () => {
    expect(enrolFlow(naming, { type: 'failed', notice: 'username-taken' })).toMatchObject({
      answer: { kind: 'refused', notice: 'username-taken' },
      notice: null,
    })
    expect(enrolFlow(naming, { type: 'failed', notice: 'passkey-dismissed' })).toMatchObject({
      notice: 'passkey-dismissed',
    })
  })

  it('goes on to the card as soon as there is a name with a passkey', () => {
    expect(enrolFlow(naming, { type: 'known', payer: adaSignedIn })).toMatchObject({ step: 'card', payer: adaSignedIn })
  })
})

describe('a name whose enrolment nobody answered', () => {
  const name = { username: 'ada', display: 'Ada', credentialIds: ['AAAA'] }
  const unanswered = from(naming, { type: 'typed', text: 'Ada' }, { type: 'unanswered', name })

  it('is signed in with: that tells whether it was taken', () => {
    expect(unanswered).toMatchObject({ step: 'sign-in', name, isNew: true, notice: 'enrolment-unanswered' })
    expect(enrolFlow(unanswered, { type: 'known', payer: adaSignedIn })).toMatchObject({ step: 'card' })
  })

  it('is asked for again where nobody is known by its passkey, and only then', () => {
    const refused = { type: 'failed', notice: 'passkey-gone' } as const
    expect(enrolFlow(unanswered, refused)).toMatchObject({ step: 'name', text: 'Ada', notice: 'enrolment-unheard' })
    expect(enrolFlow(unanswered, { type: 'failed', notice: 'offline' })).toMatchObject({ step: 'sign-in', isNew: true })
    const another = firstEnrolFlow({ at: 'sign-in', name: ada, notice: null })
    expect(enrolFlow(another, refused)).toMatchObject({ step: 'sign-in', notice: 'passkey-gone' })
  })
})

describe('adding a card', () => {
  it('tells whose card it will be, where somebody else’s passkey signed in, until the card is used', () => {
    const asked = firstEnrolFlow({ at: 'sign-in', name: { ...ada, username: 'grace', display: 'Grace' }, notice: null })
    const state = enrolFlow(asked, { type: 'known', payer: adaSignedIn })
    expect(state).toMatchObject({ step: 'card', payer: adaSignedIn, insteadOf: 'Grace' })
    expect(enrolFlow(state, { type: 'doing', doing: 'sealing' })).toMatchObject({ insteadOf: null })
  })

  it('keeps the seal when the passkey is not used, so that a touch is all that is left', () => {
    const state = from(atCard, { type: 'sealed', sealed }, { type: 'failed', notice: 'passkey-dismissed' })
    expect(state).toMatchObject({ sealed, doing: 'nothing', notice: 'passkey-dismissed' })
  })

  it('opens the form again when the bank refuses the card', () => {
    const state = from(atCard, { type: 'sealed', sealed }, { type: 'refused', reason: 'wrong-code' })
    expect(state).toMatchObject({ sealed: null, refused: 'wrong-code' })
  })

  it('asks for the passkey again, and no more, when the session is over', () => {
    const state = enrolFlow(atCard, { type: 'failed', notice: 'session-missing' })
    expect(state).toMatchObject({ step: 'sign-in' })
    expect(enrolFlow(state, { type: 'known', payer: adaSignedIn })).toMatchObject({ step: 'card' })
  })

  it('is done when the card is there', () => {
    expect(enrolFlow(atCard, { type: 'card-added', payer: adaSignedIn })).toEqual({ step: 'done', payer: adaSignedIn })
  })
})

it('begins at the sign-in where a name is there but nobody is signed in', () => {
  expect(firstEnrolFlow({ at: 'sign-in', name: ada, notice: null })).toMatchObject({ step: 'sign-in', name: ada })
})
