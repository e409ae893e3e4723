import type { AuthenticationResponse } from '../../shared/evidence.ts'
import { challengeOf, type PayIntent } from '../../shared/intent.ts'
import { money } from '../../shared/money.ts'
import { billSchema, payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { browserTab } from '../support/http.ts'
import { type Message, requestOf } from './message.ts'
import { type Person, payOrigin } from './prepared.ts'
import { attempt, type Order, type Stage } from './stage.ts'

/** Has a name, a passkey and a card like everybody, hears what others send, and tries everything. */
export function thief(stage: Stage, person: Person) {
  const { dice, scheduler, notes, people } = stage
  const tab = browserTab(stage.http, payOrigin)

  const intentFor = async (order: Order, username: string): Promise<PayIntent | null> => {
    const path = `/api/payments/${order.payment}/intent`
    const asked = await attempt(() => tab.post(path, payIntentAnswer, { username }))
    return asked?.ok ? asked.value.intent : null
  }

  async function sign(intent: PayIntent): Promise<AuthenticationResponse> {
    notes.signed.push({ by: person, intent })
    return person.device.get({ challenge: await challengeOf(intent) })
  }

  const confirm = async (order: Order, username: string, intent: PayIntent, response: AuthenticationResponse) =>
    attempt(() => tab.post(`/api/payments/${order.payment}/confirmation`, billSchema, { username, intent, response }))

  const send = async (message: Message): Promise<void> => {
    await stage.http(requestOf(message)).catch(() => {})
  }

  async function paysLikeOthers(order: Order): Promise<void> {
    const intent = await intentFor(order, person.username)
    if (intent !== null) await confirm(order, person.username, intent, await sign(intent))
  }

  async function usesAnothersName(order: Order): Promise<void> {
    const [victim] = people
    if (victim === undefined) return
    const intent = await intentFor(order, victim.username)
    if (intent !== null) await confirm(order, dice.pick([victim.username, person.username]), intent, await sign(intent))
  }

  async function changesThePrice(order: Order): Promise<void> {
    const intent = await intentFor(order, person.username)
    if (intent === null) return
    const cheaper = { ...intent, amount: money(1, 'EUR') }
    // Signed is one of the two, sent is one of the two.
    await confirm(order, person.username, dice.pick([intent, cheaper]), await sign(dice.pick([intent, cheaper])))
  }

  async function replays(): Promise<void> {
    const { overheard } = notes
    const message = overheard[dice.below(overheard.length)]
    if (message !== undefined) await send(message)
  }

  async function movesASignature(order: Order): Promise<void> {
    const { overheard } = notes
    const message = overheard[dice.below(overheard.length)]
    if (message === undefined) return
    const [from] = /pay_[A-Za-z0-9_-]{22}/.exec(message.path) ?? []
    if (from === undefined) return
    const path = message.path.replace(from, order.payment)
    await send({
      ...message,
      path,
      body: dice.chance(0.5) ? message.body : (message.body?.replaceAll(from, order.payment) ?? ''),
    })
  }

  return {
    async triesEverything(orders: readonly Order[]): Promise<void> {
      for (let tries = dice.between(1, 8); tries > 0; tries -= 1) {
        const order = orders[dice.below(orders.length)]
        const way = dice.pick([paysLikeOthers, usesAnothersName, changesThePrice, replays, movesASignature])
        if (order !== undefined) await way(order)
        await scheduler.sleep(dice.between(1, 10_000))
      }
    },
  }
}
