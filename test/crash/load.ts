import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { systemRandom } from '../../server/runtime/room.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { eventSchema, eventsSchema } from '../../shared/wire/events-api.ts'
import { paymentIdSchema } from '../../shared/wire/intent-schema.ts'
import type { MerchantPayment } from '../../shared/wire/merchant-api.ts'
import { bankDriver } from '../support/bank.ts'
import { type Answer, type Http, taken } from '../support/http.ts'
import { type Amount, eur, softwareMerchant } from '../support/merchant.ts'
import { type Confirmation, type SoftwarePayer, softwarePayer } from '../support/payer.ts'
import { fromAddress } from './from-address.ts'
import type { Rooms } from './rooms.ts'
import type { Witness } from './witness.ts'

const payerCount = 6
const rich = eur(1_000_000_00)
/** One payer runs out of money, so that some payments are declined. */
const poor = eur(20_00)
const resendsMax = 20
const restMs = 60

/** Payers and a shop that go on whatever happens to the rooms, and a witness who notes what they do and are told. */
export async function load(rooms: Rooms, { isTold, asks, of }: Witness) {
  const { ports, payOrigin, shopOrigin, bankOrigin } = rooms
  const apiKey = await rooms.apiKey()
  const shop = softwareMerchant({
    http: fromAddress('127.0.0.1', ports.payment),
    origin: payOrigin,
    apiKey,
    shopOrigin,
  })
  const bank = bankDriver(fromAddress('127.0.0.1', ports.bank), bankOrigin)
  let visits = 0
  let isOver = false
  const payers = await Promise.all(Array.from({ length: payerCount }, (_, index) => payer(index)))

  /** From another address at every visit: what one address may ask in a minute is no part of this. */
  function freshAddress(): string {
    visits += 1
    return `127.${1 + (visits >> 16)}.${(visits >> 8) & 255}.${visits & 255}`
  }

  async function payer(index: number): Promise<{ readonly self: SoftwarePayer; visit(): void }> {
    let http: Http = fromAddress(freshAddress(), ports.payment)
    const { hostname: rpId } = new URL(payOrigin)
    const options = { http: (request: Request) => http(request), origin: payOrigin, rpId, random: systemRandom }
    const self = softwarePayer({ username: `payer-${index}`, ...options })
    taken(await self.takesName())
    taken(await self.addsCard(await bank.issuesCard(index === 0 ? poor : rich)))
    return {
      self,
      visit: () => {
        http = fromAddress(freshAddress(), ports.payment)
      },
    }
  }

  /** Asks until there is an answer, as programs do whose network fails. @returns null where there was none in the end */
  async function insisting<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T> | null> {
    for (let attempt = 1; attempt <= resendsMax; attempt += 1) {
      const answer = await ask().catch(() => null)
      const isMissing = answer === null || (!answer.ok && answer.problem.status >= 500)
      if (!isMissing) return answer
      await setTimeout(restMs * randomInt(1, 4))
    }
    return null
  }

  async function bill(amount: Amount, capture: 'automatic' | 'manual'): Promise<PaymentId | null> {
    const key = randomUUID()
    const answer = await insisting(() => shop.creates(amount, { capture }, key))
    if (answer === null || !answer.ok) return null
    asks(answer.value.id, amount)
    return answer.value.id
  }

  /** A payer's page: signs, sends, and sends the same again where the answer is missing; sometimes twice at once, sometimes not again. */
  async function pays(self: SoftwarePayer, id: PaymentId): Promise<void> {
    const signed = await insisting(async () => ({ ok: true, value: await self.signs(id) }) as const)
    if (signed === null || !signed.ok) return
    of(id).nonces.add(signed.value.intent.nonce)
    const confirm = (confirmation: Confirmation) => self.confirms(id, confirmation)
    const isPatient = randomInt(4) > 0
    const taps = Array.from({ length: randomInt(5) === 0 ? 2 : 1 }, () =>
      isPatient ? insisting(() => confirm(signed.value)) : confirm(signed.value).catch(() => null),
    )
    for (const answer of await Promise.all(taps)) {
      if (answer?.ok) isTold(id, answer.value)
      // While the bank is away nobody is in a hurry: a payment that nobody answers for says little.
      if (answer?.ok && answer.value.state === 'unknown') await setTimeout(restMs * randomInt(5, 20))
    }
  }

  async function moves(id: PaymentId, kind: 'capture' | 'refund', minor: number): Promise<void> {
    const key = randomUUID()
    of(id).asked[kind].set(key, minor)
    const move = kind === 'capture' ? shop.captures : shop.refunds
    note(id, await insisting(() => move(id, minor, key)))
  }

  function note(id: PaymentId, answer: Answer<MerchantPayment> | null): void {
    if (answer?.ok) isTold(id, answer.value)
  }

  /** What a shop may do with a payment: take it in parts, give some of it back, let go of it. */
  async function follows(id: PaymentId, capture: 'automatic' | 'manual', amount: Amount): Promise<void> {
    const part = Math.ceil(amount.minor / randomInt(1, 4))
    if (capture === 'manual') {
      if (randomInt(5) === 0) return note(id, await insisting(() => shop.voids(id, `void-${id}`)))
      await moves(id, 'capture', part)
      if (randomInt(2) === 0) await moves(id, 'capture', amount.minor - part || 1)
    }
    if (randomInt(2) === 0) await moves(id, 'refund', part)
    if (randomInt(4) === 0) await moves(id, 'refund', part) // it may be more than is left
  }

  /** A customer of the example shop: orders at its own door, pays, and now and then gets the money back. */
  async function drinks(self: SoftwarePayer): Promise<void> {
    const ordered = await insisting(orders)
    if (ordered === null || !ordered.ok) return
    const seen = await insisting(async () => ({ ok: true, value: await shop.sees(ordered.value) }) as const)
    if (seen === null || !seen.ok) return
    const { id, amount } = seen.value
    asks(id, amount)
    await pays(self, id)
    if (randomInt(2) === 0) await hearsAgain(id)
    if (randomInt(4) === 0) await moves(id, 'refund', amount.minor)
  }

  /** A merchant who is not sure of having heard of this payment. */
  async function hearsAgain(id: PaymentId): Promise<void> {
    const found = await insisting(() => shop.calls(eventsSchema, `/v1/events?payment=${id}`))
    if (!found?.ok) return
    for (const event of found.value.events)
      await insisting(() => shop.calls(eventSchema, `/v1/events/${event.id}/resend`, {}))
  }

  /** @returns the payment to which the shop sends the customer */
  async function orders(): Promise<Answer<PaymentId>> {
    const headers = { origin: shopOrigin, 'content-type': 'application/x-www-form-urlencoded' }
    const ask = new Request(`${shopOrigin}/orders`, { method: 'POST', headers, body: `espresso=${randomInt(1, 4)}` })
    const answer = await fromAddress(freshAddress(), ports.shop)(ask)
    const [, id] = /\/pay\/(pay_[\w-]{22})$/.exec(answer.headers.get('location') ?? '') ?? []
    if (id === undefined) throw new Error(`the shop answered ${answer.status}`)
    return { ok: true, value: paymentIdSchema.parse(id) }
  }

  async function lane({ self, visit }: (typeof payers)[number]): Promise<void> {
    while (!isOver) {
      visit()
      if (randomInt(3) === 0) {
        await drinks(self)
        continue
      }
      const amount = eur(randomInt(1, 500))
      const capture = randomInt(3) === 0 ? 'manual' : 'automatic'
      const id = await bill(amount, capture)
      if (id === null) continue
      await pays(self, id)
      await follows(id, capture, amount)
    }
  }
  const lanes = Promise.all(payers.map(lane))

  return {
    /** Lets everybody finish what they are at. */
    async stop(): Promise<void> {
      isOver = true
      await lanes
    },
    /** What the shop is told of this payment when it asks. */
    async tells(id: PaymentId): Promise<void> {
      isTold(id, await shop.sees(id))
    },
  }
}
