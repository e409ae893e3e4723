import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, textOfUtf8 } from '../../shared/bytes.ts'
import { challengeOf, type Intent, intentPreimage } from '../../shared/intent.ts'
import {
  addCardIntentSchema,
  enrolIntentSchema,
  payIntentSchema,
  signInIntentSchema,
} from '../../shared/wire/intent-schema.ts'

const common = { v: 1, nonce: base64url(new Uint8Array(32).fill(7)), notAfter: 1_800_000_000_000 }
const sixteenBytes = base64url(new Uint8Array(16))
const seal = base64url(new Uint8Array(32).fill(9))
const pay = payIntentSchema.parse({
  ...common,
  purpose: 'pay',
  payment: `pay_${sixteenBytes}`,
  payee: { id: `merchant_${sixteenBytes}`, name: 'Bluebird Café', origin: 'https://bluebird.example' },
  amount: { minor: 1250, currency: 'EUR' },
  reference: 'order 1',
  card: `card_${sixteenBytes}`,
  payer: `pp_${sixteenBytes}`,
})
const addCard = addCardIntentSchema.parse({
  ...common,
  purpose: 'add-card',
  card: `card_${sixteenBytes}`,
  payer: `pp_${sixteenBytes}`,
  seal,
})
const enrol = enrolIntentSchema.parse({ ...common, purpose: 'enrol', userHandle: sixteenBytes, username: 'ada' })
const signIn = signInIntentSchema.parse({ ...common, purpose: 'sign-in' })
const challengeText = async (intent: Intent) => base64url(await challengeOf(intent))

describe('the challenge of an intent', () => {
  it('is the SHA-256 of our name for it, a zero byte and its canonical JSON', async () => {
    const json =
      `{"amount":{"currency":"EUR","minor":1250},"card":"card_${sixteenBytes}","nonce":"${common.nonce}",` +
      `"notAfter":1800000000000,"payee":{"id":"merchant_${sixteenBytes}","name":"Bluebird Café",` +
      `"origin":"https://bluebird.example"},"payer":"pp_${sixteenBytes}","payment":"pay_${sixteenBytes}",` +
      `"purpose":"pay","reference":"order 1","v":1}`
    expect(textOfUtf8(intentPreimage(pay))).toBe(`moniker/intent/v1\0${json}`)
    const hash = createHash('sha256').update(`moniker/intent/v1\0${json}`).digest('base64url')
    expect(await challengeText(pay)).toBe(hash)
  })

  it('does not depend on the order in which an intent was put together', async () => {
    const { amount, payee, ...others } = pay
    const turned = { payee: { origin: payee.origin, id: payee.id, name: payee.name }, ...others, amount }
    expect(await challengeText(turned)).toBe(await challengeText(pay))
  })

  it('is another one for every purpose', async () => {
    const challenges = await Promise.all([pay, addCard, enrol, signIn].map(challengeText))
    expect(new Set(challenges)).toHaveLength(4)
  })

  it('changes with any member that changes', async () => {
    const original = await challengeText(pay)
    const changes: Intent[] = [
      { ...pay, amount: payIntentSchema.shape.amount.parse({ minor: 1251, currency: 'EUR' }) },
      { ...pay, amount: payIntentSchema.shape.amount.parse({ minor: 1250, currency: 'USD' }) },
      { ...pay, payee: { ...pay.payee, name: 'Bluebird Cafe' } },
      { ...pay, payee: { ...pay.payee, origin: 'https://bluebird.example.evil' } },
      { ...pay, reference: 'order 2' },
      { ...pay, notAfter: pay.notAfter + 1 },
      { ...pay, nonce: base64url(new Uint8Array(32).fill(8)) },
      { ...pay, seal },
    ]
    for (const changed of changes) expect(await challengeText(changed)).not.toBe(original)
  })

  it('cannot be moved between the texts of two members', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        async (name, reference) => {
          fc.pre(name !== reference)
          const one = { ...pay, payee: { ...pay.payee, name }, reference }
          const other = { ...pay, payee: { ...pay.payee, name: reference }, reference: name }
          expect(await challengeText(one)).not.toBe(await challengeText(other))
        },
      ),
    )
  })
})

describe('an intent on the wire', () => {
  it.each([
    ['a member we do not know', { ...pay, tip: 1 }],
    ['another version', { ...pay, v: 2 }],
    ['a nonce of another length', { ...pay, nonce: sixteenBytes }],
    ['a nonce in a second spelling', { ...pay, nonce: `${common.nonce.slice(0, -1)}B` }],
    ['an amount of nothing', { ...pay, amount: { minor: 0, currency: 'EUR' } }],
    ['an identifier of another kind', { ...pay, card: pay.payment }],
    ['a lone surrogate', { ...pay, reference: '\ud800' }],
    ['no payee', { ...pay, payee: undefined }],
  ])('is not read with %s', (_fault, intent) => {
    expect(payIntentSchema.safeParse(intent).success).toBe(false)
  })
})
