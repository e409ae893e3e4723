import { challengeOf, type PayIntent } from '../../shared/intent.ts'
import { type Bill, billSchema, payIntentAnswer } from '../../shared/wire/payment-api.ts'
import { type Answer, browserTab } from '../support/http.ts'
import type { Confirmation } from '../support/payer.ts'
import { type Person, payOrigin } from './prepared.ts'
import { attempt, type Order, type Stage } from './stage.ts'

const resendsMax = 4
const ceremoniesMax = 3

/** Somebody who means to pay what the bill says, once, with the patience of people. */
export function honestPayer(stage: Stage, person: Person) {
  const { dice, scheduler, notes } = stage
  const { username, device } = person
  const tab = browserTab(stage.http, payOrigin)

  function heard(answer: Answer<Bill> | null, order: Order): Answer<Bill> | null {
    if (answer?.ok) {
      const { id, state, amount } = answer.value
      notes.told.push({ who: username, payment: id, state, minor: amount.minor })
      if (id !== order.payment) notes.complain(`${username} asked about one bill and was told of another`)
    }
    return answer
  }

  const agrees = ({ payment, amount, payee }: PayIntent, order: Order): boolean =>
    payment === order.payment && amount.minor === order.minor && payee.origin === order.shop.origin

  /** Asks what to sign, and signs it where it is what the bill says. */
  async function signs(order: Order): Promise<Confirmation | null> {
    const path = `/api/payments/${order.payment}/intent`
    const asked = await attempt(() => tab.post(path, payIntentAnswer, { username }))
    if (!asked?.ok) return null
    const { intent } = asked.value
    if (!agrees(intent, order)) {
      notes.complain(`${username} was asked to sign something else than the bill`)
      return null
    }
    notes.signed.push({ by: person, intent })
    return { username, intent, response: device.get({ challenge: await challengeOf(intent) }) }
  }

  const confirms = async (order: Order, confirmation: Confirmation): Promise<Answer<Bill> | null> =>
    heard(await attempt(() => tab.post(`/api/payments/${order.payment}/confirmation`, billSchema, confirmation)), order)

  /** Sends the same again while nothing is known. @returns whether the bill is worth another ceremony */
  async function insists(order: Order, confirmation: Confirmation): Promise<boolean> {
    for (let resends = 0; resends < resendsMax; resends += 1) {
      const answer = await confirms(order, confirmation)
      const isOpen = answer === null || isOpenQuestion(answer)
      if (!isOpen) return answer.ok ? answer.value.state === 'declined' : answer.problem.code !== 'payment-settled'
      await scheduler.sleep(dice.between(10, 4_000))
    }
    return true
  }

  const oneTap = async (order: Order): Promise<boolean> => {
    const confirmation = await signs(order)
    return confirmation === null || insists(order, confirmation)
  }

  const doubleTap = async (order: Order): Promise<boolean> => {
    const confirmation = await signs(order)
    if (confirmation === null) return true
    const [first] = await Promise.all([insists(order, confirmation), confirms(order, confirmation)])
    return first
  }

  const twoTabs = async (order: Order): Promise<boolean> => {
    const [left, right] = await Promise.all([oneTap(order), oneTap(order)])
    return left && right
  }

  async function justBeforeItExpires(order: Order): Promise<boolean> {
    const confirmation = await signs(order)
    await scheduler.sleep(order.expiresAtMs - scheduler.clock.nowMs() - dice.between(-10, 60))
    return confirmation === null || insists(order, confirmation)
  }

  async function cancels(order: Order): Promise<void> {
    const path = `/api/payments/${order.payment}/cancellation`
    heard(await attempt(() => tab.post(path, billSchema, {})), order)
  }

  async function whileCanceling(order: Order): Promise<boolean> {
    const [goesOn] = await Promise.all([oneTap(order), scheduler.sleep(dice.below(60)).then(() => cancels(order))])
    return goesOn
  }

  return {
    async pays(order: Order): Promise<void> {
      const way = dice.pick([oneTap, oneTap, doubleTap, twoTabs, justBeforeItExpires, whileCanceling])
      for (let ceremonies = 0; ceremonies < ceremoniesMax; ceremonies += 1) {
        if (!(await way(order))) return
        await scheduler.sleep(dice.between(10, 10_000))
      }
    },
    /** One tap, and nothing that gets in its way. */
    async paysAtOnce(order: Order): Promise<void> {
      await oneTap(order)
    },
  }
}

/** Whether it may be known later: the bank is being asked, or something broke. */
const isOpenQuestion = (answer: Answer<Bill>): boolean =>
  answer.ok
    ? answer.value.state === 'unknown' || answer.value.state === 'approving'
    : answer.problem.status >= 500 || answer.problem.code === 'payment-in-progress'
