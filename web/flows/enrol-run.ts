/** The acts of an enrolment, in a checkout and outside of one. */
import type { Bytes } from '../../shared/bytes.ts'
import { type CardFace, type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { IntentFor } from '../../shared/intent.ts'
import { createdThumbprint } from '../../shared/passkey.ts'
import type { Configuration, Payer, SealingKey } from '../../shared/wire/payment-api.ts'
import type { Assertion } from '../doors/passkey.ts'
import type { PasskeyCreationDoor, Registration } from '../doors/passkey-creation.ts'
import {
  type EnrolEvent,
  type EnrolFlow,
  enrolFlow,
  firstEnrolFlow,
  type NameAnswer,
  type Refusal,
} from './enrol-flow.ts'
import { type Flow, flow } from './flow.ts'
import { DoorError, noticeOf } from './notice.ts'
import { credentialIdsOfPayer, type EnrolmentStart } from './pay-flow.ts'
import { rememberPayer, signIn, type Tools } from './pay-run.ts'
import { type Prepared, prepared } from './prepare.ts'

export type EnrolTools = Tools & {
  readonly creation: PasskeyCreationDoor
  /** Loads the seal where it is needed first. */
  readonly sealCard: (card: CardDetails, passkeys: readonly string[], key: SealingKey) => Promise<SealedCard>
}

/** What a sealed card is signed for: see `card-use.ts`. */
export type CardUse = (payer: Payer, seal: string) => Promise<PreparedCardUse>
export type PreparedCardUse = {
  readonly challenge: Bytes
  /** @returns why the bank refused, or `null` where it did not */
  commit(response: Assertion, sealed: SealedCard): Promise<Refusal | null>
}

export type EnrolRun = {
  readonly flow: Flow<EnrolFlow, EnrolEvent>
  type(text: string): void
  makePasskey(): Promise<void>
  signIn(): Promise<void>
  /** Seals the card, then asks the passkey for it. The details are not kept. */
  useCard(details: CardDetails, face: CardFace): Promise<void>
  /** Asks the passkey for a card that is sealed already. */
  confirm(): Promise<void>
  edit(): void
}

type PreparedEnrolment = Prepared<IntentFor<'enrol'>>
const pauseWhileTypingMs = 350

export function enrolRun(
  tools: EnrolTools,
  configuration: Configuration,
  from: EnrolmentStart,
  use: CardUse,
): EnrolRun {
  const { client, passkey, creation, device, nowMs, pause, sealCard } = tools
  const relyingPartyId = configuration.relyingParty.id
  const run = flow(enrolFlow, firstEnrolFlow(from))
  const { now, send } = run
  const payments = creation.payments()
  let enrolment: { readonly username: string; readonly ready: PreparedEnrolment; readonly payments: boolean } | null =
    null
  let cardPrepared: PreparedCardUse | null = null

  async function check(text: string): Promise<void> {
    await pause(pauseWhileTypingMs)
    const state = now()
    if (state.step !== 'name' || state.text !== text || text.trim() === '') return
    send({ type: 'checking', text })
    send({ type: 'name-answered', text, answer: await answerTo(text) })
  }

  /** Asks for the name and, where it is free, at once for what its passkey will sign. */
  async function answerTo(text: string): Promise<NameAnswer> {
    try {
      const { username, display } = await client.username({ username: text })
      const { intent } = await client.enrolIntent({ username: display })
      const ready = await prepared('enrol', intent, intent.username === username || intent.username === display)
      enrolment = { username, ready, payments: await payments }
      return { kind: 'free', username, display }
    } catch (error) {
      return { kind: 'refused', notice: noticeOf(error) }
    }
  }

  async function makePasskey(): Promise<void> {
    const state = now()
    if (state.step !== 'name' || state.doing !== 'nothing') return
    try {
      const answer = state.answer.kind === 'free' ? state.answer : await askAgain(state.text)
      if (answer.kind !== 'free' || enrolment?.username !== answer.username) return
      const { intent, challenge } = enrolment.ready
      send({ type: 'making' })
      passkey.endOffer()
      const response = await creation.create({
        challenge,
        relyingParty: configuration.relyingParty,
        userHandle: intent.userHandle,
        username: answer.username,
        display: answer.display,
        payments: enrolment.payments,
      })
      const payer = await client.enrol({ intent, response })
      if (!(await isOwnPasskey(payer, response))) throw new DoorError('intent-mismatch')
      await known(payer)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
      await askAgain(state.text)
    }
  }

  async function askAgain(text: string): Promise<NameAnswer> {
    if (text.trim() === '') {
      send({ type: 'failed', notice: 'name-empty' })
      return { kind: 'none' }
    }
    send({ type: 'checking', text })
    const answer = await answerTo(text)
    send({ type: 'name-answered', text, answer })
    return answer
  }

  async function signInAgain(): Promise<void> {
    const state = now()
    if (state.step !== 'sign-in' || state.doing !== 'nothing') return
    send({ type: 'signing-in' })
    try {
      const payer = await signIn(client, async (ask) => passkey.confirm({ ...ask, relyingPartyId }))
      await known(payer)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
    }
  }

  async function known(payer: Payer): Promise<void> {
    await rememberPayer(device, payer, nowMs())
    send({ type: 'known', payer })
  }

  async function useCard(details: CardDetails, face: CardFace): Promise<void> {
    const state = now()
    if (state.step !== 'card' || state.doing !== 'nothing') return
    send({ type: 'doing', doing: 'sealing' })
    try {
      const payer = await client.session().catch(() => state.payer)
      const passkeys = payer.passkeys.map(({ thumbprint }) => thumbprint)
      const sealed = await sealCard(details, passkeys, configuration.bank.sealingKey)
      const seal = await sealHashOf(sealed)
      cardPrepared = await use(payer, seal)
      send({ type: 'sealed', sealed: { sealed, seal, face } })
      await sign(cardPrepared, payer, sealed)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
    }
  }

  async function confirm(): Promise<void> {
    const state = now()
    if (state.step !== 'card' || state.doing !== 'nothing' || state.sealed === null) return
    const { sealed, seal } = state.sealed
    try {
      // As on the pay page: no `await` before the passkey where nothing has to be asked first.
      await sign(cardPrepared ?? (await use(state.payer, seal)), state.payer, sealed)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
    }
  }

  async function sign(ready: PreparedCardUse, payer: Payer, sealed: SealedCard): Promise<void> {
    send({ type: 'doing', doing: 'signing' })
    const credentialIds = credentialIdsOfPayer(payer)
    const response = await passkey.confirm({ challenge: ready.challenge, relyingPartyId, credentialIds })
    send({ type: 'doing', doing: 'sending' })
    cardPrepared = null // consumed before it is verified, whatever comes of it
    const reason = await ready.commit(response, sealed)
    if (reason !== null) return send({ type: 'refused', reason })
    const after = await client.session().catch(() => payer)
    await rememberPayer(device, after, nowMs())
    send({ type: 'card-added', payer: after })
  }

  return {
    flow: run,
    type(text) {
      send({ type: 'typed', text })
      void check(text)
    },
    makePasskey,
    signIn: signInAgain,
    useCard,
    confirm,
    edit() {
      cardPrepared = null
      send({ type: 'edit' })
    },
  }
}

/** A new name has the passkey that was made here, and no other: cards are sealed for what the server names. */
async function isOwnPasskey({ passkeys }: Payer, { response }: Registration): Promise<boolean> {
  const { authenticatorData } = response
  // Only an old browser does not tell: then the server is believed.
  const thumbprint = authenticatorData ? await createdThumbprint(authenticatorData) : passkeys[0]?.thumbprint
  return passkeys.length === 1 && passkeys[0]?.thumbprint === thumbprint
}
