/** The acts of the pay page: asks the doors, and tells the flow what came of it. */
import type { CardId } from '../../shared/identifiers.ts'
import type { IntentFor } from '../../shared/intent.ts'
import type { Allowance, Bill, Configuration, Payer } from '../../shared/wire/payment-api.ts'
import type { DeviceMemory, RememberedName } from '../doors/device.ts'
import type { Assertion, PasskeyDoor } from '../doors/passkey.ts'
import type { PaymentClient } from '../doors/payment-client.ts'
import type { PaymentDialogDoor } from '../doors/payment-dialog.ts'
import { type Flow, flow } from './flow.ts'
import { DoorError, isAnswerLost, type NoticeCode, noticeOf } from './notice.ts'
import {
  cardsOf,
  credentialIdsOf,
  credentialIdsOfPayer,
  displayOf,
  type EnrolmentStart,
  firstPayFlow,
  inOneSpelling,
  isPaid,
  namedOf,
  type OpenBill,
  type PayEvent,
  type PayFlow,
  payFlow,
  usernameOf,
  type Who,
} from './pay-flow.ts'
import { isFresh, type Prepared, paysWhatIsShown, prepared } from './prepare.ts'

export type Tools = {
  readonly client: PaymentClient
  readonly passkey: PasskeyDoor
  readonly device: DeviceMemory
  /** Gives up what this browser has of a name beside what it remembers. */
  readonly forget: (username: string) => Promise<void>
  readonly nowMs: () => number
  /** Resolves after that many milliseconds. */
  readonly pause: (durationMs: number) => Promise<void>
}

export type PayTools = Tools & {
  /** The name that the payer has typed at the shop already; empty where they have not. */
  readonly typed: string
  /** Null where the browser asks no payer by itself. Never rejects. */
  readonly dialog: () => Promise<PaymentDialogDoor | null>
}

export type PayRun = {
  readonly flow: Flow<PayFlow, PayEvent>
  /** Reads the bill and who is likely to pay it. */
  read(): Promise<void>
  type(text: string): void
  /** Fetches what the button will sign, so that a tap can reach the passkey without waiting. */
  prepare(): Promise<void>
  chooseName(name: RememberedName): void
  chooseCard(card: CardId): void
  someoneElse(): void
  forget(name: RememberedName): Promise<void>
  pay(): Promise<void>
  /** How the limits of a card stand; null where nobody says so. For who is signed in. */
  allowance(card: CardId): Promise<Allowance | null>
  cancel(): Promise<void>
  /** Reads the bill again: its time is over, or the person came back to the page. */
  refresh(): Promise<void>
  /** Reads the bill, which is being paid on another device: it ends here as if it were paid here. */
  follow(): Promise<void>
  /** Lets the name field's autofill say who is here. */
  offerPasskeys(): Promise<void>
  newHere(): void
  /** Another card, for whoever pays: who is not signed in does that first. */
  addCard(): void
  /**
   * What became of the bill that an enrolment in this checkout paid; `null` where the answer got lost.
   * @param payer as they were before the card was added
   */
  enrolled(bill: Bill | null, payer: Payer): Promise<void>
  /** @param payer who the enrolment knows by now */
  leaveEnrolment(payer?: Payer): void
}

type Preparation = {
  readonly key: string
  readonly madeAtMs: number
  readonly result: Promise<Ready>
  ready?: Ready
}
type Ready = Prepared<IntentFor<'pay'>> & { readonly dialog: PaymentDialogDoor | null }

export function payRun(tools: PayTools, configuration: () => Promise<Configuration>, payment: string): PayRun {
  const { client, passkey, device, nowMs, pause } = tools
  const run = flow(payFlow, firstPayFlow)
  const { now, send } = run
  /** Passkeys that did not confirm a name here: the next tap by that name does not ask for them again. */
  const refused = new Set<string>()
  let preparation: Preparation | null = null
  let relyingPartyId = ''

  /** The bill, while nothing is under way with it. */
  const idleBill = (): OpenBill | null => {
    const state = now()
    return state.step === 'open' && state.doing === 'nothing' ? state : null
  }

  async function read(): Promise<void> {
    try {
      const [bill, names, payer, { relyingParty }] = await Promise.all([
        client.bill(payment),
        device.names(),
        client.whoIsHere().catch(() => null),
        configuration(),
      ])
      relyingPartyId = relyingParty.id
      if (payer) await rememberPayer(device, payer, nowMs())
      send({ type: 'read', bill, names, payer, typed: tools.typed })
      afterwards()
    } catch (error) {
      send({ type: 'unreadable', notice: noticeOf(error) })
    }
  }

  function afterwards(): void {
    const state = now()
    if (state.step === 'open') void prepare()
    if (state.step === 'waiting') void poll()
  }

  async function prepare(): Promise<void> {
    const state = now()
    if (state.step !== 'open' || usernameOf(state.who) === '') return
    // Whether it failed is told when somebody presses the button, not before.
    await preparationFor(state).result.catch(() => undefined)
  }

  function preparationFor(state: OpenBill): Preparation {
    const username = usernameOf(state.who)
    const key = JSON.stringify([username, state.card])
    if (preparation?.key === key && isFresh(preparation, nowMs())) return preparation
    const result = ready(preparePayment(client, state.bill, username, state.card))
    const made: Preparation = { key, madeAtMs: nowMs(), result }
    result.then(
      (ready) => {
        made.ready = ready
      },
      () => {
        if (preparation === made) preparation = null
      },
    )
    preparation = made
    return made
  }

  async function ready(preparing: Promise<Prepared<IntentFor<'pay'>>>): Promise<Ready> {
    const [made, dialog] = await Promise.all([preparing, tools.dialog()])
    return { ...made, dialog }
  }

  async function pay(): Promise<void> {
    const state = idleBill()
    if (state === null) return
    if (usernameOf(state.who) === '') return send({ type: 'failed', notice: 'name-empty' })
    const made = preparationFor(state)
    try {
      // No `await` before the passkey is asked where the intent is here already: Safari takes the tap for one call only.
      const what = made.ready ?? (await waitFor(made))
      send({ type: 'doing', doing: 'signing' })
      const response = await sign(state, what)
      send({ type: 'doing', doing: 'sending' })
      await confirm(state, what.intent, response)
    } catch (error) {
      await failed(error)
    }
  }

  /** By the browser's own dialog, where there is one that can show all that is agreed to; else this page has shown it. */
  async function sign({ who }: OpenBill, { intent, challenge, dialog }: Ready): Promise<Assertion> {
    const ask = {
      challenge,
      relyingPartyId,
      credentialIds: credentialIdsOf(who).filter((id) => !refused.has(tryOf(who, id))),
    }
    const face = cardsOf(who).find(({ id }) => id === intent.card)?.face
    if (dialog === null || face === undefined || ask.credentialIds.length === 0) return passkey.confirm(ask)
    passkey.endOffer()
    return (await dialog.confirm({ ...ask, intent, face })) ?? passkey.confirm(ask)
  }

  async function waitFor(made: Preparation): Promise<Ready> {
    send({ type: 'doing', doing: 'preparing' })
    return made.result
  }

  async function confirm(state: OpenBill, intent: IntentFor<'pay'>, response: Assertion): Promise<void> {
    preparation = null // an intent is consumed before it is verified, whatever comes of it
    const username = usernameOf(state.who)
    const bill = await client.confirm(payment, { username, intent, response }).catch((error: unknown) => {
      if (isAnswerLost(error)) return null
      if (noticeOf(error) === 'passkey-refused') refused.add(tryOf(state.who, response.id))
      throw error
    })
    if (bill === null) {
      send({ type: 'answer-lost' })
      return poll()
    }
    if (isPaid(bill)) await device.remember(rememberedAfterPaying(state, intent, response.id, bill, nowMs()))
    send({ type: 'answered', bill })
    afterwards()
  }

  async function failed(error: unknown): Promise<void> {
    const notice = noticeOf(error)
    if (notice === 'card-missing') return addMissingCard()
    send({ type: 'failed', notice })
    const mayHaveMoved = notice.startsWith('payment-') || notice === 'passkey-refused' || isAnswerLost(error)
    if (mayHaveMoved) await refresh()
    void prepare()
  }

  /** The passkey was right, there is just no card: go on at that step, as the same person. */
  async function addMissingCard(): Promise<void> {
    const payer = await client.session().catch(() => null)
    const state = now()
    if (state.step !== 'open') return
    const isThem = payer !== null && inOneSpelling(payer.username) === inOneSpelling(usernameOf(state.who))
    const who = isThem ? ({ kind: 'signed-in', payer } as const) : state.who
    send({ type: 'enrol', from: cardStart(who, 'card-missing') })
  }

  async function refresh(): Promise<void> {
    if (now().step === 'unreadable') return read()
    if (idleBill() === null && now().step !== 'enrolling') return
    const bill = await client.bill(payment).catch(() => null)
    if (bill === null) return
    const before = now()
    send({ type: 'refreshed', bill })
    if (now() !== before) afterwards()
  }

  async function follow(): Promise<void> {
    const bill = await client.bill(payment).catch(() => null)
    if (bill === null || idleBill() === null) return
    if (isPaid(bill)) send({ type: 'answer-lost' })
    send({ type: 'answered', bill })
    afterwards()
  }

  async function poll(): Promise<void> {
    for (let tries = 0; now().step === 'waiting'; tries += 1) {
      await pause(Math.min(1000 * 1.5 ** tries, 15_000))
      const bill = await client.bill(payment).catch(() => null)
      if (bill === null) continue
      send({ type: 'answered', bill })
      // The bill is as it was: our request never arrived.
      if (now().step === 'open' && bill.state === 'created') send({ type: 'failed', notice: 'answer-lost' })
    }
    void prepare()
  }

  async function cancel(): Promise<void> {
    const state = idleBill()
    if (state === null) return
    send({ type: 'doing', doing: 'canceling' })
    try {
      send({ type: 'answered', bill: await client.cancel(payment) })
    } catch (error) {
      await failed(error)
    }
  }

  async function offerPasskeys(): Promise<void> {
    if (idleBill() === null) return
    let isTouched = false
    try {
      const payer = await signIn(client, async (ask) => {
        // Whoever has tapped meanwhile has a finger on its way, and an offer would take it away.
        if (idleBill() === null) throw new DoorError('passkey-dismissed')
        const response = await passkey.offer({ ...ask, relyingPartyId })
        isTouched = true
        return response
      })
      await rememberPayer(device, payer, nowMs())
      if (idleBill() === null) return
      send({ type: 'who', who: { kind: 'signed-in', payer } })
      if (payer.cards.length === 0) return send({ type: 'enrol', from: { at: 'card', payer } })
      void prepare()
    } catch (error) {
      // An offer that nobody took up ends unseen: another ceremony took its place, or this browser has none to make.
      if (!isTouched || idleBill() === null) return
      send({ type: 'failed', notice: noticeOf(error) })
      void offerPasskeys()
    }
  }

  async function enrolled(bill: Bill | null, payer: Payer): Promise<void> {
    send(bill === null ? { type: 'answer-lost', payer } : { type: 'answered', bill })
    afterwards()
    if (bill?.state === 'declined') await leaveWithCard(payer)
  }

  /** The bank took the card but not the payment: what is left to do is on the bill, not in the card form. */
  async function leaveWithCard(before: Payer): Promise<void> {
    const payer = await client.session().catch(() => null)
    if (payer === null || payer.cards.length <= before.cards.length) return
    send({ type: 'enrol-left' })
    send({ type: 'who', who: { kind: 'signed-in', payer } })
    void prepare()
  }

  function enrol(startOf: (who: Who) => EnrolmentStart): void {
    const state = idleBill()
    if (state !== null) send({ type: 'enrol', from: startOf(state.who) })
  }

  return {
    flow: run,
    read,
    prepare,
    pay,
    allowance: (card) => client.ask<Allowance>('GET', `/api/cards/${card}/limits`).catch(() => null),
    cancel,
    refresh,
    follow,
    offerPasskeys,
    newHere: () => enrol(() => ({ at: 'name' })),
    addCard: () => enrol((who) => cardStart(who, null)),
    type: (text) => send({ type: 'typed', text }),
    chooseName(name) {
      send({ type: 'who', who: { kind: 'remembered', name } })
      void prepare()
    },
    chooseCard(card) {
      send({ type: 'card-chosen', card })
      void prepare()
    },
    someoneElse: () => send({ type: 'who', who: { kind: 'typing', text: '' } }),
    async forget(name) {
      await device.forget(name.username)
      send({ type: 'forgotten', username: name.username, names: await device.names() })
      await tools.forget(name.username).catch(() => undefined)
      void prepare()
    },
    enrolled,
    leaveEnrolment(payer) {
      send({ type: 'enrol-left', ...(payer && { payer }) })
      void prepare()
    },
  }
}

const tryOf = (who: Who, credentialId: string): string => `${inOneSpelling(usernameOf(who))} ${credentialId}`

/** Who is signed in goes on with the card; everybody else shows first who they are. */
const cardStart = (who: Who, notice: NoticeCode | null): EnrolmentStart =>
  who.kind === 'signed-in' ? { at: 'card', payer: who.payer } : { at: 'sign-in', name: namedOf(who), notice }

async function preparePayment(
  client: PaymentClient,
  bill: Bill,
  username: string,
  card: CardId | null,
): Promise<Prepared<IntentFor<'pay'>>> {
  const request = card === null ? { username } : { username, card }
  const { intent } = await client.payIntent(bill.id, request)
  if (card !== null && intent.card !== card) throw new DoorError('card-unknown')
  return prepared('pay', intent, paysWhatIsShown(intent, bill, null))
}

type SignInAsk = { challenge: Prepared['challenge']; credentialIds: readonly string[] }

/** @param ask the ceremony: a tap's, or the name field's offer */
async function signIn(client: PaymentClient, ask: (ask: SignInAsk) => Promise<Assertion>): Promise<Payer> {
  const { intent, challenge } = await prepareSignIn(client)
  const response = await ask({ challenge, credentialIds: [] })
  return client.signIn({ intent, response })
}

export async function prepareSignIn(client: PaymentClient): Promise<Prepared<IntentFor<'sign-in'>>> {
  const { intent } = await client.signInIntent()
  return prepared('sign-in', intent, true)
}

export async function rememberPayer(device: DeviceMemory, payer: Payer, nowMs: number): Promise<void> {
  const cards = payer.cards.toSorted((left, right) => Number(right.isDefault) - Number(left.isDefault))
  await device.remember({
    username: payer.username,
    display: payer.display,
    credentialIds: credentialIdsOfPayer(payer),
    knownPasskeys: credentialIdsOfPayer(payer),
    cards: cards.map(({ id, face }) => ({ id, face })),
    lastUsedMs: nowMs,
  })
}

/** A name that was typed and paid is worth remembering: next time it takes one tap. */
function rememberedAfterPaying(
  { who }: OpenBill,
  intent: IntentFor<'pay'>,
  credentialId: string,
  bill: Bill,
  nowMs: number,
): RememberedName {
  const others = cardsOf(who)
    .filter(({ id }) => id !== intent.card)
    .map(({ id, face }) => ({ id, face }))
  return {
    // The server takes any spelling; here one spelling keeps one person from being remembered twice.
    username: inOneSpelling(usernameOf(who)),
    display: displayOf(who),
    credentialIds: [...new Set([credentialId, ...credentialIdsOf(who)])],
    cards: bill.receipt ? [{ id: intent.card, face: bill.receipt.card }, ...others] : others,
    lastUsedMs: nowMs,
  }
}
