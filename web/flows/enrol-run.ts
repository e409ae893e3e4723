/** The acts of an enrolment, in a checkout and outside of one. */
import type { Bytes } from '../../shared/bytes.ts'
import { type CardFace, type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { IntentFor } from '../../shared/intent.ts'
import { createdThumbprint } from '../../shared/passkey.ts'
import type { Configuration, Payer, SealingKey } from '../../shared/wire/payment-api.ts'
import type { Assertion } from '../doors/passkey.ts'
import type { PasskeyCreationDoor, Registration } from '../doors/passkey-creation.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import {
  type EnrolEvent,
  type EnrolFlow,
  enrolFlow,
  firstEnrolFlow,
  type NameAnswer,
  type Refusal,
} from './enrol-flow.ts'
import { type Flow, flow } from './flow.ts'
import { DoorError, isAnswerLost, noticeOf } from './notice.ts'
import { credentialIdsOfPayer, type EnrolmentStart } from './pay-flow.ts'
import { prepareSignIn, rememberPayer, type Tools } from './pay-run.ts'
import { isFresh, type Prepared, prepared } from './prepare.ts'

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
  /** Fetches what signing in will sign, so that a tap can reach the passkey without waiting. */
  prepareSignIn(): Promise<void>
  signIn(): Promise<void>
  /** Seals the card, then asks the passkey for it. The details are not kept. */
  useCard(details: CardDetails, face: CardFace): Promise<void>
  /** Asks the passkey for a card that is sealed already. */
  confirm(): Promise<void>
  edit(): void
}

/** A name that may be had, and what its passkey signs. */
type Offer = {
  readonly username: string
  readonly display: string
  readonly ready: Prepared<IntentFor<'enrol'>>
  readonly payments: boolean
}
/** What was asked about a text in the field. An answer stays with the text it is about. */
type Asked = {
  readonly text: string
  readonly madeAtMs: number
  readonly result: Promise<NameAnswer>
  offer?: Offer
}

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
  let asked: Asked | null = null
  const signInReady = aheadOfTap(() => prepareSignIn(client), nowMs)
  const cardReady = aheadOfTap(use, nowMs)

  async function check(text: string): Promise<void> {
    await pause(pauseWhileTypingMs)
    const state = now()
    if (state.step !== 'name' || state.text !== text || state.doing !== 'nothing' || text.trim() === '') return
    send({ type: 'checking', text })
    send({ type: 'name-answered', text, answer: await askAbout(text).result })
  }

  /** Asks for the name and, where it is free, at once for what its passkey will sign. */
  function askAbout(text: string): Asked {
    if (asked?.text === text && isFresh(asked, nowMs())) return asked
    const made: Asked = {
      text,
      madeAtMs: nowMs(),
      result: offerOf(text).then(
        (offer) => {
          made.offer = offer
          return { kind: 'free', username: offer.username, display: offer.display }
        },
        (error: unknown) => {
          if (asked === made) asked = null
          return { kind: 'refused', notice: noticeOf(error) }
        },
      ),
    }
    asked = made
    return made
  }

  async function offerOf(text: string): Promise<Offer> {
    const { username, display } = await client.username({ username: text })
    const { intent } = await client.enrolIntent({ username: display })
    const ready = await prepared('enrol', intent, intent.username === username || intent.username === display)
    return { username, display, ready, payments: await payments }
  }

  async function makePasskey(): Promise<void> {
    const state = now()
    if (state.step !== 'name' || state.doing !== 'nothing') return
    if (state.text.trim() === '') return send({ type: 'failed', notice: 'name-empty' })
    const about = askAbout(state.text)
    // No `await` before the device is asked where the offer is here already: Safari takes the tap for one call only.
    const offer = about.offer ?? (await waitFor(about))
    if (offer === null) return // the answer says why
    send({ type: 'making' })
    try {
      await enrol(offer, await create(offer))
    } catch (error) {
      const notice = noticeOf(error)
      send({ type: 'failed', notice })
      // What was used up is asked for anew, so that the next tap reaches the device at once.
      if (!notice.startsWith('username-')) askAbout(state.text)
    }
  }

  async function waitFor(about: Asked): Promise<Offer | null> {
    send({ type: 'asking' })
    send({ type: 'name-answered', text: about.text, answer: await about.result })
    return about.offer ?? null
  }

  function create({ username, display, ready, payments }: Offer): Promise<Registration> {
    const { relyingParty } = configuration
    const { userHandle } = ready.intent
    passkey.endOffer()
    return creation.create({ challenge: ready.challenge, relyingParty, userHandle, username, display, payments })
  }

  async function enrol({ username, display, ready: { intent } }: Offer, response: Registration): Promise<void> {
    asked = null // an intent is consumed before it is verified, whatever comes of it
    try {
      const payer = await client.enrol({ intent, response })
      if (!(await isOwnPasskey(payer, response))) throw new DoorError('intent-mismatch')
      await known(payer)
    } catch (error) {
      const { id } = response
      // The name may be theirs by now, and the passkey is the only key to it: whether it is, signing in will tell.
      if (isAnswerLost(error)) return send({ type: 'unanswered', name: { username, display, credentialIds: [id] } })
      if (noticeOf(error) !== 'passkey-taken') await creation.forget(relyingPartyId, id)
      throw error
    }
  }

  async function signIn(): Promise<void> {
    const state = now()
    if (state.step !== 'sign-in' || state.doing !== 'nothing') return
    const { credentialIds } = state.name
    send({ type: 'signing-in' })
    try {
      const { intent, challenge } = signInReady.here() ?? (await signInReady.ask())
      const response = await passkey.confirm({ challenge, relyingPartyId, credentialIds })
      signInReady.drop()
      await known(await client.signIn({ intent, response }))
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
      await prepareToSignIn()
    }
  }

  const prepareToSignIn = async (): Promise<void> => {
    // Whether it failed is told when somebody presses the button, not before.
    if (now().step === 'sign-in' && signInReady.here() === null) await signInReady.ask().catch(() => undefined)
  }

  async function known(payer: Payer): Promise<void> {
    await rememberPayer(device, payer, nowMs())
    send({ type: 'known', payer })
  }

  /** With the passkeys that this payer has by now: a card is sealed for all of them. */
  async function latest(payer: Payer): Promise<Payer> {
    const now = await client.session().catch(() => null)
    return now?.username === payer.username ? now : payer
  }

  async function useCard(details: CardDetails, face: CardFace): Promise<void> {
    const state = now()
    if (state.step !== 'card' || state.doing !== 'nothing') return
    send({ type: 'doing', doing: 'sealing' })
    try {
      const payer = await latest(state.payer)
      const passkeys = payer.passkeys.map(({ thumbprint }) => thumbprint)
      const sealed = await sealCard(details, passkeys, configuration.bank.sealingKey)
      const seal = await sealHashOf(sealed)
      const ready = await cardReady.ask(payer, seal)
      send({ type: 'sealed', sealed: { sealed, seal, face } })
      await sign(ready, payer, sealed)
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
      const ready = cardReady.here()
      if (ready === null) send({ type: 'doing', doing: 'preparing' })
      await sign(ready ?? (await cardReady.ask(state.payer, seal)), state.payer, sealed)
    } catch (error) {
      send({ type: 'failed', notice: noticeOf(error) })
    }
  }

  async function sign(ready: PreparedCardUse, payer: Payer, sealed: SealedCard): Promise<void> {
    send({ type: 'doing', doing: 'signing' })
    const credentialIds = credentialIdsOfPayer(payer)
    const response = await passkey.confirm({ challenge: ready.challenge, relyingPartyId, credentialIds })
    send({ type: 'doing', doing: 'sending' })
    cardReady.drop() // consumed before it is verified, whatever comes of it
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
    prepareSignIn: prepareToSignIn,
    signIn,
    useCard,
    confirm,
    edit() {
      cardReady.drop()
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
