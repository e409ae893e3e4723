import { z } from 'zod'
import { base64url } from '../../shared/bytes.ts'
import { type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { sealCard } from '../../shared/cardholder/seal.ts'
import type { AuthenticationResponse, RegistrationResponse } from '../../shared/evidence.ts'
import type { CardId, PaymentId } from '../../shared/identifiers.ts'
import { challengeOf, type Intent, type MakePasskeyIntent, type PayIntent } from '../../shared/intent.ts'
import { createdThumbprint } from '../../shared/passkey.ts'
import { paymentDialogOf } from '../../shared/payment-dialog.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import {
  type AccountExport,
  type Allowance,
  accountExportSchema,
  addCardIntentAnswer,
  addPasskeyIntentAnswer,
  allowanceSchema,
  type Bill,
  billSchema,
  type Card,
  type Configuration,
  closeAccountIntentAnswer,
  configurationSchema,
  enrolIntentAnswer,
  invitationAnswer,
  type Joining,
  joiningSchema,
  type ListedPasskey,
  type ListedPasskeys,
  makePasskeyIntentAnswer,
  makeRecoveryCodeIntentAnswer,
  type NameRecovery,
  nameRecoverySchema,
  type Payer,
  passkeysSchema,
  payerSchema,
  payIntentAnswer,
  recoverNameAnswer,
  recoverNameIntentAnswer,
  recoveryAnswer,
  recoveryCodeAnswer,
  removeCardIntentAnswer,
  removePasskeyIntentAnswer,
  setLimitIntentAnswer,
  signInIntentAnswer,
  undoRecoveryIntentAnswer,
  unfreezeCardIntentAnswer,
} from '../../shared/wire/payment-api.ts'
import {
  type CreateRequest,
  type GetRequest,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from './authenticator.ts'
import { type Answer, browserTab, type Http, taken } from './http.ts'
import { type ChangeOfShown, inDialog, shownByBrowser } from './payment-dialog.ts'

/** What a hostile device does differently when it signs. */
export type Deviation = Partial<Omit<GetRequest, 'challenge'>>
export type Confirmation = {
  username: string
  intent: PayIntent
  response: AuthenticationResponse
  sealed?: SealedCard
}

/**
 * A person with a phone: does over HTTP what the PWA does, with a passkey device in software.
 * @param options `origin` is the wallet's, `rpId` its host name
 */
export function softwarePayer(options: {
  username: string
  http: Http
  origin: string
  rpId: string
  random: (bytes: number) => Uint8Array
  /** Another person's phone in this one's hand. */
  device?: SoftwareAuthenticator
}) {
  const { username, http, origin, rpId, random } = options
  const tab = browserTab(http, origin)
  const device = options.device ?? softwareAuthenticator({ random, origin, rpId, synced: true })

  const configuration = async (): Promise<Configuration> =>
    taken(await tab.get('/api/configuration', configurationSchema))
  const sign = async (intent: Intent, deviation: Deviation = {}): Promise<AuthenticationResponse> =>
    device.get({ challenge: await challengeOf(intent), ...deviation })
  /** @param passkeys thumbprints; those the server names, where nothing else is said */
  async function seal(card: CardDetails, passkeys?: readonly string[]): Promise<SealedCard> {
    const session = await tab.get('/api/session', payerSchema)
    const all = session.ok ? session.value.passkeys.map(({ thumbprint }) => thumbprint) : []
    return sealCard(card, passkeys ?? all, (await configuration()).bank.sealingKey)
  }

  return {
    username,
    device,
    tab,
    configuration,
    sign,
    seal,

    /** Keeps the name and makes the passkey; there is no card yet. */
    async takesName(): Promise<Answer<Payer>> {
      const asked = await tab.post('/api/enrolments/intent', enrolIntentAnswer, { username })
      if (!asked.ok) return asked
      const { intent } = asked.value
      const response = await device.create({
        challenge: await challengeOf(intent),
        user: { id: intent.userHandle, name: username },
      })
      return tab.post('/api/enrolments', payerSchema, { intent, response })
    },

    async addsCard(card: CardDetails): Promise<Answer<Payer>> {
      const sealed = await seal(card)
      const asked = await tab.post('/api/cards/intent', addCardIntentAnswer, { seal: await sealHashOf(sealed) })
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post('/api/cards', payerSchema, { intent, response: await sign(intent), sealed })
    },

    async signsIn(deviation: Deviation = {}): Promise<Answer<Payer>> {
      const { intent } = taken(await tab.post('/api/sessions/intent', signInIntentAnswer, {}))
      return tab.post('/api/sessions', payerSchema, { intent, response: await sign(intent, deviation) })
    },

    signsOut: () => tab.delete('/api/session', z.strictObject({})),

    /** One of the acts on a card that need no passkey. */
    withCard: (card: CardId, act: 'preference' | 'freeze' | 'standing' | 'nickname', body: object = {}) =>
      tab.post(`/api/cards/${card}/${act}`, payerSchema, body),

    async unfreezes(card: CardId, deviation: Deviation = {}): Promise<Answer<Payer>> {
      const asked = await tab.post(`/api/cards/${card}/unfreeze/intent`, unfreezeCardIntentAnswer, {})
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post(`/api/cards/${card}/unfreeze`, payerSchema, { intent, response: await sign(intent, deviation) })
    },

    async removes(card: CardId, deviation: Deviation = {}): Promise<Answer<Payer>> {
      const asked = await tab.post(`/api/cards/${card}/removal/intent`, removeCardIntentAnswer, {})
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post(`/api/cards/${card}/removal`, payerSchema, { intent, response: await sign(intent, deviation) })
    },

    allowance: async (card: CardId): Promise<Allowance> =>
      taken(await tab.get(`/api/cards/${card}/limits`, allowanceSchema)),

    /** @param second another device of theirs, which signs what is waited for */
    async limits(
      card: CardId,
      limits: CardLimits,
      { second, deviation = {} }: { second?: SoftwareAuthenticator; deviation?: Deviation } = {},
    ): Promise<Answer<Allowance>> {
      const path = `/api/cards/${card}/limits`
      const asked = await tab.post(`${path}/intent`, setLimitIntentAnswer, { limits, isSecond: second !== undefined })
      if (!asked.ok) return asked
      const { intent } = asked.value
      const response = (second ?? device).get({ challenge: await challengeOf(intent), ...deviation })
      return tab.post(path, allowanceSchema, { intent, response })
    },

    passkeys: async (): Promise<ListedPasskey[]> => taken(await tab.get('/api/passkeys', passkeysSchema)).passkeys,

    /** Makes a passkey on a device that has none yet. @returns what it posts, and what it knows of its own passkey */
    async makesPasskey(newDevice: SoftwareAuthenticator, deviation: Partial<CreateRequest> = {}): Promise<Made> {
      const { intent } = taken(await tab.post('/api/passkeys/making/intent', makePasskeyIntentAnswer, {}))
      return madeBy(newDevice, username, intent, deviation)
    },

    /** Says by a passkey that is there that another one is the payer's too. */
    async vouchesFor(thumbprint: string, deviation: Deviation = {}) {
      const asked = await tab.post('/api/passkeys/vouching/intent', addPasskeyIntentAnswer, { passkey: thumbprint })
      const { intent } = taken(asked)
      return { intent, response: await sign(intent, deviation) }
    },

    /** The whole of it, with both devices in one hand. */
    async addsPasskey(newDevice: SoftwareAuthenticator): Promise<Answer<ListedPasskeys>> {
      const { thumbprint, made } = await this.makesPasskey(newDevice)
      const vouched = await this.vouchesFor(thumbprint)
      return tab.post('/api/passkeys', passkeysSchema, { made, vouched })
    },

    async removesPasskey(thumbprint: string, deviation: Deviation = {}): Promise<Answer<ListedPasskeys>> {
      const path = `/api/passkeys/${thumbprint}/removal`
      const asked = await tab.post(`${path}/intent`, removePasskeyIntentAnswer, {})
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post(path, passkeysSchema, { intent, response: await sign(intent, deviation) })
    },

    export: (): Promise<Answer<AccountExport>> => tab.get('/api/account/export', accountExportSchema),

    async closesAccount(deviation: Deviation = {}): Promise<Answer<object>> {
      const asked = await tab.post('/api/account/closing/intent', closeAccountIntentAnswer, {})
      if (!asked.ok) return asked
      const { intent } = asked.value
      const response = await sign(intent, deviation)
      return tab.post('/api/account/closing', z.strictObject({}), { intent, response })
    },

    codeMadeAtMs: async (): Promise<number | null> =>
      taken(await tab.get('/api/recovery', recoveryAnswer)).codeMadeAtMs,

    async makesRecoveryCode(deviation: Deviation = {}): Promise<Answer<{ code: string }>> {
      const asked = await tab.post('/api/recovery/code/intent', makeRecoveryCodeIntentAnswer, {})
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post('/api/recovery/code', recoveryCodeAnswer, { intent, response: await sign(intent, deviation) })
    },

    /** Of a name that was got back, to whoever is signed in. */
    recovered: async () => taken(await tab.get('/api/recovery', recoveryAnswer)).recovered,

    /** With this device, on which nobody is signed in: makes a passkey for a name whose code somebody has. */
    async recovers(code: string, name = username): Promise<Answer<Recovering>> {
      const claim = { username: name, code }
      const asked = await tab.post('/api/recovery/name/intent', recoverNameIntentAnswer, claim)
      if (!asked.ok) return asked
      const { intent } = asked.value
      const response = await device.create({
        challenge: await challengeOf(intent),
        user: { id: intent.userHandle, name: username },
      })
      return tab.post('/api/recovery/name', recoverNameAnswer, { ...claim, intent, response })
    },
    recovery: async (secret: string): Promise<NameRecovery> =>
      taken(await tab.post('/api/recovery/name/standing', nameRecoverySchema, { secret })),

    /** "This was not me." @param credentialId of the passkey that says so */
    async undoesRecovery(credentialId: string, deviation: Deviation = {}): Promise<Answer<Payer>> {
      const asked = await tab.post('/api/recovery/undoing/intent', undoRecoveryIntentAnswer, { credentialId })
      if (!asked.ok) return asked
      const { intent } = asked.value
      return tab.post('/api/recovery/undoing', payerSchema, { intent, response: await sign(intent, deviation) })
    },

    /** From any browser: it takes no session. */
    reportsLoss: (code: string, name = username): Promise<Answer<object>> =>
      tab.post('/api/recovery/loss', z.strictObject({}), { username: name, code }),

    invites: () => tab.post('/api/passkeys/invitation', invitationAnswer, {}),
    callsOff: () => tab.delete('/api/passkeys/invitation', z.strictObject({})),

    /** What the device at the other end of an invitation sees. */
    invitation: async (secret: string): Promise<Joining> =>
      taken(await tab.get(`/api/invitations/${secret}`, joiningSchema)),

    /** Follows the link with this device, which nobody is signed in on. */
    async joins(secret: string, proof = someProof): Promise<Answer<{ thumbprint: string }>> {
      const asked = await tab.post(`/api/invitations/${secret}/intent`, makePasskeyIntentAnswer, {})
      if (!asked.ok) return asked
      const { made, thumbprint } = await madeBy(device, username, asked.value.intent)
      const answer = await tab.post(`/api/invitations/${secret}/passkey`, z.strictObject({}), { ...made, proof })
      return answer.ok ? { ok: true, value: { thumbprint } } : answer
    },

    cards: async (): Promise<Card[]> => taken(await tab.get('/api/session', payerSchema)).cards,

    sees: async (payment: PaymentId): Promise<Bill> => taken(await tab.get(`/api/payments/${payment}`, billSchema)),

    /** Asks what to sign for this bill, and signs it. */
    async signs(
      payment: PaymentId,
      choice: { card?: CardId; newCard?: CardDetails } = {},
      deviation: Deviation = {},
    ): Promise<Confirmation> {
      const sealed = choice.newCard === undefined ? undefined : await seal(choice.newCard)
      const { intent } = taken(
        await tab.post(`/api/payments/${payment}/intent`, payIntentAnswer, {
          username,
          ...(choice.card === undefined ? {} : { card: choice.card }),
          ...(sealed === undefined ? {} : { seal: await sealHashOf(sealed) }),
        }),
      )
      const confirmation = { username, intent, response: await sign(intent, deviation) }
      return sealed === undefined ? confirmation : { ...confirmation, sealed }
    },

    /**
     * Signs this bill in a dialog that the browser itself shows, with the card used first.
     * @param change what a hostile browser shows instead
     */
    async signsInDialog(
      payment: PaymentId,
      change: ChangeOfShown = (shown) => shown,
      deviation: Deviation = {},
    ): Promise<Confirmation> {
      const [card] = await this.cards()
      if (card === undefined) throw new Error('a dialog shows a card')
      const asked = { username, card: card.id }
      const { intent } = taken(await tab.post(`/api/payments/${payment}/intent`, payIntentAnswer, asked))
      const shown = shownByBrowser(paymentDialogOf(intent, card.face), { rpId, origin })
      return { username, intent, response: await sign(intent, { ...inDialog(change(shown)), ...deviation }) }
    },

    confirms: (payment: PaymentId, confirmation: Confirmation): Promise<Answer<Bill>> =>
      tab.post(`/api/payments/${payment}/confirmation`, billSchema, confirmation),

    /** The whole of it: the name, the passkey, the answer. */
    async pays(payment: PaymentId, deviation: Deviation = {}): Promise<Answer<Bill>> {
      return this.confirms(payment, await this.signs(payment, {}, deviation))
    },

    cancels: (payment: PaymentId): Promise<Answer<Bill>> =>
      tab.post(`/api/payments/${payment}/cancellation`, billSchema, {}),
  }
}
export type SoftwarePayer = ReturnType<typeof softwarePayer>

type Recovering = { readonly secret: string; readonly standing: NameRecovery }
type Made = {
  readonly thumbprint: string
  readonly made: { readonly intent: MakePasskeyIntent; readonly response: RegistrationResponse }
}

async function madeBy(
  device: SoftwareAuthenticator,
  username: string,
  intent: MakePasskeyIntent,
  deviation: Partial<CreateRequest> = {},
): Promise<Made> {
  const user = { id: intent.userHandle, name: username }
  const response = await device.create({ challenge: await challengeOf(intent), user, ...deviation })
  const { authenticatorData } = response.response
  if (authenticatorData === undefined) throw new Error('a software passkey tells what it made')
  return { thumbprint: await createdThumbprint(authenticatorData), made: { intent, response } }
}

/** One device's word to another, of which a server understands nothing. */
const someProof = base64url(new Uint8Array(32))

/** What happened, in one word: the bill's state, or the problem's code. */
export const outcomeOf = (answer: Answer<Bill>): string => (answer.ok ? answer.value.state : answer.problem.code)

/** A user handle nobody has. */
export const strangersHandle = (random: (bytes: number) => Uint8Array): string => base64url(random(16))
