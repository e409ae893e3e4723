import { verifyRegistration } from '../../server/runtime/passkey.ts'
import { base64url } from '../../shared/bytes.ts'
import { type CardFace, type CardRecord, type SealedCard, sealHashOf } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { sealCard } from '../../shared/cardholder/seal.ts'
import type { Assertion } from '../../shared/evidence.ts'
import { type CardId, identifier, type PayerPseudonym } from '../../shared/identifiers.ts'
import { type AddCardIntent, challengeOf, type Intent, type PayIntent } from '../../shared/intent.ts'
import { passkeyThumbprint } from '../../shared/passkey.ts'
import { payeeDialogOf, paymentDialogOf } from '../../shared/payment-dialog.ts'
import type { BankBody, PinnedPasskey } from '../../shared/wire/bank-api.ts'
import { pseudonymSchema } from '../../shared/wire/intent-schema.ts'
import { type GetRequest, softwareAuthenticator } from '../support/authenticator.ts'
import { type ChangeOfShown, inDialog, shownByBrowser } from '../support/payment-dialog.ts'
import { type BankWorld, eur, walletOrigin } from './bank-world.ts'

const relyingParty = { id: 'pay.example', origins: [walletOrigin] }
export type Enrolment = BankBody<'enrol'>
export type Authorization = BankBody<'authorize'>

/** The card that simply pays. */
export const goodCard: CardDetails = {
  number: parseCardNumber('4111111111111111'),
  expiry: { month: 12, year: 2029 },
  name: 'ADA LOVELACE',
  code: '123',
}

/** A passkey on a device of its own, and what it signs as a payment server without scruples would pass it on: it checks nothing. */
async function newPasskey({ random }: BankWorld) {
  const device = softwareAuthenticator({ random, origin: walletOrigin, rpId: relyingParty.id, synced: true })
  const challenge = random(32)
  const response = await device.create({ challenge, user: { id: base64url(random(16)), name: 'ada' } })
  const { credentialId, publicKey, isBackupEligible } = await verifyRegistration({ response, challenge, relyingParty })
  const passkey: PinnedPasskey = { credentialId, publicKey, isBackupEligible }
  const sign = async (intent: Intent, deviation: Partial<GetRequest> = {}): Promise<Assertion> => {
    const { id, response: signed } = device.get({ challenge: await challengeOf(intent), ...deviation })
    const { authenticatorData, clientDataJSON, signature } = signed
    const ceremony = deviation.payment === undefined ? 'webauthn.get' : 'payment.get'
    return { ceremony, credentialId: id, authenticatorData, clientDataJSON, signature }
  }
  return { passkey, sign, thumbprint: await passkeyThumbprint(publicKey) }
}
export type TestPasskey = Awaited<ReturnType<typeof newPasskey>>

/** Somebody with a passkey, under the name that the bank knows them by. */
async function newPerson(world: BankWorld) {
  const payer: PayerPseudonym = pseudonymSchema.parse(`pp_${base64url(world.random(16))}`)
  return { ...(await newPasskey(world)), payer }
}
type Person = Awaited<ReturnType<typeof newPerson>>

/**
 * A person's card, and what their payment server would send to the bank for them.
 * @param known somebody who has a card already, and now gets another card id
 */
export async function bankPayer(world: BankWorld, known?: { readonly person: Person }) {
  const { random, clock } = world
  const person = known?.person ?? (await newPerson(world))
  const { passkey, sign, payer } = person
  /** Of this payer alone, so that what they paid can be told from what others paid. */
  const payee = { id: identifier('merchant', random(16)), name: 'Bluebird Coffee', origin: 'https://coffee.example' }
  const card: CardId = identifier('card', random(16))

  const fresh = () => ({ v: 1 as const, nonce: base64url(random(32)), notAfter: clock.nowMs() + 300_000 })
  const seal = async (details: CardDetails, passkeys: readonly PinnedPasskey[] = [passkey]): Promise<SealedCard> => {
    const thumbprints = await Promise.all(passkeys.map(({ publicKey }) => passkeyThumbprint(publicKey)))
    return sealCard(details, thumbprints, world.sealingKey)
  }

  async function enrolment(
    details: CardDetails = goodCard,
    change: Partial<AddCardIntent> = {},
    others: readonly PinnedPasskey[] = [],
  ): Promise<Enrolment> {
    const passkeys = [passkey, ...others]
    const sealed = await seal(details, passkeys)
    const about = { purpose: 'add-card' as const, card, payer, seal: await sealHashOf(sealed) }
    const intent: AddCardIntent = { ...fresh(), ...about, ...change }
    return { card, payer, sealed, passkeys, evidence: { intent, assertion: await sign(intent) } }
  }

  /** A new bill for this payer. */
  const bill = (amount = eur(12_50), change: Partial<PayIntent> = {}): PayIntent => ({
    ...fresh(),
    purpose: 'pay',
    payment: identifier('payment', random(16)),
    payee,
    amount,
    reference: 'order 1',
    card,
    payer,
    ...change,
  })

  /** What the payment server sends when this payer has signed this bill. */
  async function authorization(
    record: CardRecord,
    intent: PayIntent = bill(),
    { number = 1, ...change }: Partial<Authorization> & { number?: number } = {},
  ): Promise<Authorization> {
    const { payment } = intent
    const evidence = { intent, assertion: await sign(intent) }
    return { reference: `${payment}.${number}`, payment, payer, record, evidence, capture: 'automatic', ...change }
  }

  /** Of the card that was added. */
  let face: CardFace = { brand: 'visa', last4: goodCard.number.slice(-4) }
  /** The same, signed in a dialog that the browser itself showed. @param change what a hostile browser shows instead */
  async function dialogAuthorization(
    record: CardRecord,
    change: ChangeOfShown = (shown) => shown,
    intent: PayIntent = bill(),
  ): Promise<Authorization> {
    const dialog = paymentDialogOf(intent, face)
    const shown = shownByBrowser(dialog, { rpId: relyingParty.id, origin: walletOrigin })
    const evidence = { intent, assertion: await sign(intent, inDialog(change(shown))) }
    return authorization(record, intent, { evidence })
  }

  /** The same over the payee's page. @param origin of the page that had the browser ask */
  async function shopPageAuthorization(
    record: CardRecord,
    change: ChangeOfShown = (shown) => shown,
    origin = payee.origin,
  ): Promise<Authorization> {
    const intent = bill()
    const shown = shownByBrowser(payeeDialogOf(intent), { rpId: relyingParty.id, origin })
    const evidence = { intent, assertion: await sign(intent, { origin, ...inDialog(change(shown)) }) }
    return authorization(record, intent, { evidence })
  }

  return {
    person,
    payer,
    card,
    payee,
    passkey,
    sign,
    seal,
    anotherPasskey: () => newPasskey(world),
    enrolment,
    bill,
    authorization,
    dialogAuthorization,
    shopPageAuthorization,
    /** Adds the card, which a story takes for granted. */
    async enrols(details: CardDetails = goodCard, others: readonly PinnedPasskey[] = []): Promise<CardRecord> {
      const answer = await world.asks.enrol(await enrolment(details, {}, others))
      if (answer.outcome !== 'enrolled') throw new Error(`refused: ${answer.reason}`)
      face = answer.face
      return answer.record
    },
  }
}
export type BankPayer = Awaited<ReturnType<typeof bankPayer>>
