import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PaymentId } from '../../shared/identifiers.ts'
import { failuresMax } from '../../shared/payment.ts'
import { bankIssuer, openPaymentWorld, type PaymentWorld, walletOrigin } from '../payment/payment-world.ts'
import { twinOf } from '../support/authenticator.ts'
import { bankDriver } from '../support/bank.ts'
import { eur } from '../support/merchant.ts'
import { type Confirmation, outcomeOf, type SoftwarePayer } from '../support/payer.ts'
import { everyByte, everyMember, type Mutation, mutantCount } from './mutants.ts'

const price = eur(12_50)
/** Without upper and lower case, since a name typed in another case is the same name. */
const username = '王小明'
/** After so many mutants an original is posted, which must be taken. */
const controlEvery = 250

let world: PaymentWorld
let payer: SoftwarePayer
beforeAll(async () => {
  world = await openPaymentWorld()
  payer = await world.payer(username)
  // So that every booking from now on is of a payment, and none of an account that is opened.
  expect(outcomeOf(await payer.pays(await world.shop.asks(price)))).toBe('captured')
})
afterAll(() => world.close())

const bookings = async () => (await bankDriver(world.bankReceives, bankIssuer).check()).transactions

async function post(bill: PaymentId, body: Uint8Array): Promise<string> {
  const url = new URL(`/api/payments/${bill}/confirmation`, walletOrigin)
  const headers = { 'content-type': 'application/json', origin: walletOrigin }
  const response = await world.http(new Request(url, { method: 'POST', headers, body: Buffer.from(body) }))
  const answer = z.object({ state: z.string().optional(), code: z.string().optional() }).parse(await response.json())
  return answer.state ?? answer.code ?? ''
}

/** Who asks the payer to sign: the wallet's page, or the browser in a dialog of its own. */
const askers: [string, Sign][] = [
  ['on the wallet’s page', (bill) => payer.signs(bill)],
  ['in the browser’s own dialog', (bill) => payer.signsInDialog(bill)],
]
type Sign = (bill: PaymentId) => Promise<Confirmation>

/** Signs confirmations that the room would take, as few as it needs. */
function confirmations(signs: Sign) {
  let bill: PaymentId | null = null
  let failuresLeft = 0
  let current: { readonly bill: PaymentId; readonly text: string } | null = null

  async function sign(): Promise<{ readonly bill: PaymentId; readonly text: string }> {
    if (bill === null || failuresLeft === 0) {
      bill = await world.shop.asks(price)
      failuresLeft = failuresMax - 1
    }
    const { intent, response } = await signs(bill)
    // A hint that no passkey signs and nobody reads is no part of the evidence.
    const { authenticatorAttachment: _hint, ...signed } = response
    return { bill, text: JSON.stringify({ username, intent, response: signed }) }
  }
  return {
    async current() {
      current ??= await sign()
      return current
    },
    /** Whoever posts evidence that does not hold has used up its intent. */
    isUsedUp(): void {
      current = null
      failuresLeft -= 1
    },
    isPaid(): void {
      current = null
      bill = null
    },
    /** The original itself pays the bill that its mutants did not. */
    async control(): Promise<void> {
      const { bill: unpaid, text } = await this.current()
      expect(await world.bookedFor(unpaid)).toBe(0)
      expect(await post(unpaid, Buffer.from(text))).toBe('captured')
      expect(await world.bookedFor(unpaid)).toBe(price.minor)
      this.isPaid()
    },
  }
}

const refusals = ['body-malformed', 'intent-malformed', 'passkey-refused']
/** A passkey may leave out whose it is (WebAuthn L3 §5.2.2): the evidence then says less, and is the same. */
const saysLess = ({ what }: Mutation): boolean => /\.userHandle (removed|as null)$/.test(what)

/** @returns what was accepted, and how often an original was */
async function tryAll(signs: Sign, message: string, mutations: Iterable<Mutation>) {
  const count = mutantCount(message)
  const originals = confirmations(signs)
  let controls = 0
  for (const mutation of mutations) {
    const { bill, text } = await originals.current()
    const mutant = saysLess(mutation) ? null : mutation.apply(text)
    if (mutant === null) continue
    const outcome = await post(bill, mutant)
    const isRefused = refusals.includes(outcome)
    count.note(mutation, !isRefused, outcome)
    if (!isRefused) originals.isPaid()
    if (outcome === 'passkey-refused') originals.isUsedUp()
    if (count.tried() % controlEvery !== 0) continue
    await originals.control()
    controls += 1
  }
  await originals.control()
  count.say()
  return { accepted: count.accepted, controls: controls + 1 }
}

const example = async (signs: Sign): Promise<string> => (await confirmations(signs).current()).text

describe.each(askers)('a confirmation signed %s pays', (asker, signs) => {
  it('with no byte of it changed', async () => {
    const before = await bookings()
    const lengthMax = Buffer.byteLength(await example(signs)) + 4 // signatures differ in length by a byte or two
    const { accepted, controls } = await tryAll(signs, `a confirmation ${asker}, byte by byte`, everyByte(lengthMax))
    expect(accepted).toEqual([])
    expect(await bookings()).toBe(before + controls)
  })

  it('with no member of it changed', async () => {
    const before = await bookings()
    const mutations = everyMember(await example(signs))
    const { accepted, controls } = await tryAll(signs, `a confirmation ${asker}, member by member`, mutations)
    expect(accepted).toEqual([])
    expect(await bookings()).toBe(before + controls)
  })

  it.each(['first', 'last'])('once, with the twin of its signature %s', async (place) => {
    const bill = await world.shop.asks(price)
    const original = await signs(bill)
    const { response } = original.response
    const signature = twinOf(response.signature)
    const twin = { ...original, response: { ...original.response, response: { ...response, signature } } }
    const [first, second] = place === 'first' ? [twin, original] : [original, twin]
    expect(outcomeOf(await payer.confirms(bill, first))).toBe('captured') // (r, n − s) is as valid as (r, s)
    expect(outcomeOf(await payer.confirms(bill, second))).toBe('captured') // the same answer, not another payment
    expect(await world.bookedFor(bill)).toBe(price.minor)
  })
})

/** What the browser says that it showed, at the end of the client data. */
const shownIn = (clientData: string): string => clientData.slice(clientData.indexOf('"payment":') + 10, -1)

it('what the browser says that it showed pays in no other words, though the passkey signed them', async () => {
  const before = await bookings()
  const bill = await world.shop.asks(price)
  let example = ''
  await payer.signsInDialog(bill, undefined, {
    rewrite(clientData) {
      example = shownIn(clientData)
      return clientData
    },
  })
  const count = mutantCount('what the browser showed, signed anew')
  for (const mutation of everyMember(example)) {
    const mutant = isUnsaid(mutation) ? null : mutation.apply(example)
    if (mutant === null) continue
    const rewrite = (clientData: string) => clientData.replace(example, () => Buffer.from(mutant).toString())
    const unpaid = await world.shop.asks(price)
    const outcome = outcomeOf(await payer.confirms(unpaid, await payer.signsInDialog(unpaid, undefined, { rewrite })))
    count.note(mutation, outcome !== 'passkey-refused', outcome)
  }
  count.say()
  expect(count.tried()).toBeGreaterThan(150)
  expect(count.accepted).toEqual([])
  expect(await bookings()).toBe(before)
})

/** No logos were asked for: that there are none, a browser may also leave out. */
const isUnsaid = ({ what }: Mutation): boolean => what === 'paymentEntitiesLogos removed'
