import type { SealingKey } from '../../shared/wire/payment-api.ts'
import { type Database, openDatabase, openExistingDatabase } from '../runtime/database.ts'
import type { Egress } from '../runtime/egress.ts'
import type { PublicKey } from '../runtime/keys.ts'
import { isLoopback, type Peer } from '../runtime/peer.ts'
import type { Room, Stop, Tools } from '../runtime/room.ts'
import { paymentActor } from './act-on-payment.ts'
import { activityReader } from './activity.ts'
import { cardAdder } from './add-card.ts'
import { apiKeyStore } from './api-key-store.ts'
import { paymentApp } from './app.ts'
import { handingOff } from './approvals/hand-off.ts'
import { handoffStore } from './approvals/handoff-store.ts'
import { handoffWatch } from './approvals/watch-handoff.ts'
import { onceAsker } from './ask-once.ts'
import { atRest } from './at-rest.ts'
import { attention } from './attention.ts'
import { type BankClient, bankClient } from './bank-client.ts'
import { toMerchantPayment } from './bill.ts'
import { canceler } from './cancel.ts'
import { passkeyChanger } from './change-passkey.ts'
import { accountCloser } from './close-account.ts'
import { type Comparison, ledgerComparer } from './compare-ledgers.ts'
import { consoleSessions } from './console/console-session.ts'
import { firstStepsReader } from './console/first-steps.ts'
import { happeningsReader } from './console/payment-happenings.ts'
import { peopleStore } from './console/people-store.ts'
import { personProver } from './console/prove-person.ts'
import { takingsReader } from './console/takings.ts'
import { differenceStore } from './difference-store.ts'
import { expiry } from './expire.ts'
import { holdExpiry } from './expire-hold.ts'
import { accountExporter } from './export-account.ts'
import { idempotency } from './idempotency.ts'
import { accountStore } from './identity/account-store.ts'
import { intents } from './identity/challenge.ts'
import { enrolment } from './identity/enrol.ts'
import { invitationStore } from './identity/invitation-store.ts'
import { passkeyMaking } from './identity/make-passkey.ts'
import { nameFinder } from './identity/name.ts'
import { passkeyStore } from './identity/passkey-store.ts'
import { payerStore } from './identity/payer-store.ts'
import { prover } from './identity/prove.ts'
import { pseudonyms } from './identity/pseudonym.ts'
import { recoveredNameStore } from './identity/recovered-name-store.ts'
import { recoveryStore } from './identity/recovery-store.ts'
import { sessions } from './identity/session.ts'
import { inviter } from './invite.ts'
import type { PaymentKeys } from './keys.ts'
import { paymentLister } from './list-payments.ts'
import { type MerchantConfig, merchantStore } from './merchant-store.ts'
import { type BankOutcomes, bankOutcomes } from './metrics.ts'
import { offerer } from './offer.ts'
import { shopPageOfferer } from './offer-on-shop-page.ts'
import { operator } from './operate.ts'
import { operationStore } from './operation-store.ts'
import { pages } from './pages.ts'
import { passkeyWishStore } from './passkey-wish-store.ts'
import { payer } from './pay.ts'
import type { Limits } from './payer-api.ts'
import { paymentStore } from './payment-store.ts'
import { noticeStore } from './push/notice-store.ts'
import { applicationServerKey } from './push/push-request.ts'
import { noticeSender } from './push/send-notices.ts'
import { subscriptionStore } from './push/subscription-store.ts'
import { receiptWriter } from './receipt.ts'
import { reconciliation } from './reconcile.ts'
import { nameRecoverer } from './recover-name.ts'
import { attentionReporter } from './report-attention.ts'
import { lossReporter } from './report-loss.ts'
import { requester } from './request.ts'
import { type ResealProgress, type ResealReport, reseal } from './reseal.ts'
import { bankWishStore } from './retrieval/bank-wish-store.ts'
import { type CardTables, cardMigrations } from './retrieval/card-schema.ts'
import { cardStore } from './retrieval/card-store.ts'
import { cardChanger } from './retrieval/change-card.ts'
import { limitChanger } from './retrieval/change-limits.ts'
import { cardKeeper } from './retrieval/keep-card.ts'
import { cardLimitStore } from './retrieval/limit-store.ts'
import { cardRetriever } from './retrieval/retrieve-card.ts'
import { bankTeller } from './retrieval/tell-bank.ts'
import { type PaymentTables, paymentMigrations } from './schema.ts'
import { settlement } from './settle.ts'
import { spentOn } from './spent-on.ts'
import { passkeyTeller } from './tell-passkeys.ts'
import { deliverer } from './webhooks/deliver.ts'
import { deliveryStore } from './webhooks/delivery-store.ts'
import { endpointStore } from './webhooks/endpoint-store.ts'
import { eventReader } from './webhooks/event-reader.ts'

export type { Comparison } from './compare-ledgers.ts'
export {
  existingAtRestKeysIn,
  makePaymentKeys,
  type PaymentKeys,
  paymentKeysIn,
  resealingKeysIn,
  signingKeyIn,
} from './keys.ts'
export { type MerchantDesk, openMerchantDesk } from './merchant-desk.ts'
export type { ResealProgress, ResealReport } from './reseal.ts'
export type { ToldEndpoint } from './webhooks/webhook-desk.ts'

export type PaymentConfig = {
  readonly databaseUrl: string
  /** The card store's own, so that a third party can keep it. Patent claim 8. */
  readonly cardDatabaseUrl: string
  /** Where payers' browsers find this room: `http://pay.localhost:4410`. */
  readonly origin: string
  readonly relyingParty: { readonly id: string; readonly name: string; readonly origins: readonly string[] }
  /** What the bank calls this room. */
  readonly issuer: string
  readonly keys: PaymentKeys
  readonly bank: {
    readonly issuer: string
    readonly name: string
    /** Pinned: what the bank signs its answers with. */
    readonly keys: readonly PublicKey[]
    /** To which browsers seal cards. */
    readonly sealingKey: SealingKey
    /** After this its answer counts as missing. Default ten seconds. */
    readonly answerWithinMs?: number
  }
  /** Known by their origins; made or renewed at every start. */
  readonly merchants: readonly MerchantConfig[]
  /** Only where the bank's money is play money. Default false: a test payment never moves real money. */
  readonly takesTestPayments?: boolean
  /** The built PWA, or null where something else serves it. */
  readonly webDirectory: string | null
  readonly isHttps: boolean
  /** What an operator shows to read metrics, and which payments need a look; absent: nobody may. */
  readonly operatorToken?: string | null
  readonly limits?: Limits
  /** Whom push services write to where something is wrong: `mailto:` or `https:`. Absent: the postmaster of `origin`. */
  readonly contact?: string
}

const defaultLimits: Limits = { burst: 60, perMinute: 60 }
const bankAnswersWithinMs = 10_000
const sweepEveryMs = 10_000

/** Opens ROOM 2, the payment server. @throws {StartupError} */
export async function openPayment(
  config: PaymentConfig,
  peers: { bank: Peer; webhooks: Egress; push: Egress<Uint8Array> },
  tools: Tools,
): Promise<Required<Room>> {
  const shownPages = config.webDirectory === null ? null : await pages(config.webDirectory)
  const databases = {
    payment: await openDatabase<PaymentTables>(config.databaseUrl, paymentMigrations, tools.disk),
    card: await openDatabase<CardTables>(config.cardDatabaseUrl, cardMigrations, tools.disk),
  }
  const closeDatabases = async () => {
    await Promise.all([databases.payment.close(), databases.card.close()])
  }
  const outcomes = bankOutcomes()
  const bank = await bankOf(config, peers.bank, tools, outcomes)
  const acts = { ...actsOf(config, databases, { ...peers, bank }, tools), outcomes }
  try {
    for (const merchant of config.merchants) await acts.merchants.ensure(merchant)
  } catch (error) {
    await closeDatabases()
    throw error
  }
  const app = paymentApp({
    payer: acts,
    shopPage: acts,
    merchant: acts,
    operator: acts,
    console: acts,
    pages: shownPages,
    isHttps: config.isHttps,
    ...tools,
  })
  return roomOf(app, acts, closeDatabases)
}

type Databases = { readonly payment: Database<PaymentTables>; readonly card: Database<CardTables> }
type Acts = ReturnType<typeof actsOf>
/** What it takes to ask the bank. */
type BankSide = Pick<PaymentConfig, 'issuer'> & {
  readonly keys: Pick<PaymentKeys, 'signing'>
  readonly bank: Pick<PaymentConfig['bank'], 'issuer' | 'keys' | 'answerWithinMs'>
}

/**
 * Compares this room's ledger with the bank's, beside the room or without it, and keeps what differs as payments that need a look.
 * @throws {StartupError} where the room has not made its database yet, or it cannot be opened
 * @throws {Problem} `bank-unreachable`
 */
export async function reconcileLedgers(
  config: BankSide & Pick<PaymentConfig, 'databaseUrl'>,
  peers: { bank: Peer },
  tools: Tools,
): Promise<Comparison> {
  const bank = await bankOf(config, peers.bank, tools)
  const database = await openExistingDatabase<PaymentTables>(config.databaseUrl, paymentMigrations, tools.disk)
  try {
    const comparison = await ledgerComparer({ db: database.db, bank, clock: tools.clock })()
    await differenceStore(database, tools.clock).keepOnly(comparison.differences)
    return comparison
  } finally {
    await database.close()
  }
}

/**
 * Closes everything at rest by the current key, beside the room, and has the bank make every card record anew under its own. Stopped, it is
 * begun again and goes on where it was.
 * @throws {StartupError} where the room has not made its databases yet, or they cannot be opened
 * @throws {Problem} `bank-unreachable`
 */
export async function resealEverything(
  config: BankSide &
    Pick<PaymentConfig, 'databaseUrl' | 'cardDatabaseUrl'> & { readonly keys: Pick<PaymentKeys, 'signing' | 'atRest'> },
  peers: { bank: Peer },
  tools: Tools,
  progress: ResealProgress,
): Promise<ResealReport> {
  const bank = await bankOf(config, peers.bank, tools)
  const closet = atRest(config.keys.atRest, tools.random)
  const payment = await openExistingDatabase<PaymentTables>(config.databaseUrl, paymentMigrations, tools.disk)
  try {
    const card = await openExistingDatabase<CardTables>(config.cardDatabaseUrl, cardMigrations, tools.disk)
    try {
      return await reseal({ payment: payment.db, card: card.db, bank, atRest: closet, progress })
    } finally {
      await card.close()
    }
  } finally {
    await payment.close()
  }
}

const bankOf = (config: BankSide, peer: Peer, tools: Tools, outcomes?: BankOutcomes): Promise<BankClient> =>
  bankClient({
    peer,
    issuer: config.issuer,
    signing: config.keys.signing,
    bank: config.bank,
    answerWithinMs: config.bank.answerWithinMs ?? bankAnswersWithinMs,
    ...(outcomes && { onOutcome: outcomes.add }),
    tools,
  })

/** Everything this room can do, each act with what it needs. */
function actsOf(
  config: PaymentConfig,
  databases: Databases,
  { bank, webhooks: egress, push }: { bank: BankClient; webhooks: Egress; push: Egress<Uint8Array> },
  tools: Tools,
) {
  const { clock, log, random } = tools
  const { keys, origin, relyingParty } = config
  const database = databases.payment
  const { db } = database
  const closet = atRest(keys.atRest, random)

  const aliases = pseudonyms(keys.pseudonyms)
  const desk = intents({ key: keys.intents, db, clock, random })
  const payers = payerStore({ database, nameKey: keys.names, atRest: closet, clock })
  const payerNamed = nameFinder(payers, aliases)
  const passkeys = passkeyStore({ database, atRest: closet, clock })
  const recoveries = recoveredNameStore({ database, atRest: closet, clock })
  const prove = prover({ intents: desk, passkeys, relyingParty })

  const cards = cardStore({ database: databases.card, atRest: closet, clock })
  const limits = cardLimitStore({ database: databases.card, atRest: closet, clock })
  const wishes = bankWishStore(databases.card.db, closet, clock)
  const tellBank = bankTeller({ wishes, cards, limits, bank, clock, log })
  const passkeyWishes = passkeyWishStore(db, closet, clock)
  const keepCard = cardKeeper({
    bank,
    cards,
    limits,
    pseudonyms: aliases,
    clock,
    passkeysOf: passkeys.passkeysOf,
    passkeyWishes,
  })
  const retrieveCard = cardRetriever({ cards, limits, recoveries, clock })

  const tellPasskeys = passkeyTeller({ wishes: passkeyWishes, cards, bank, pseudonyms: aliases, clock, log })
  const making = passkeyMaking({ intents: desk, payers, pseudonyms: aliases, relyingParty })
  const changes = passkeyChanger({ passkeys, tellPasskeys, making, intents: desk, prove, pseudonyms: aliases })
  const invitations = invitationStore({ db, atRest: closet, clock })

  const payments = paymentStore(database, clock)
  const bills = expiry(payments, tools)
  const settle = settlement(payments, log)
  const reconcile = reconciliation({ payments, bank, settle, clock, log })
  const operations = operationStore(database, clock)
  const needing = attention(db, clock)
  const { operate, askDue: askForOperations } = operator({ operations, bank, clock, log })
  const activity = activityReader(db)
  const kept = sessions({ database, clock, random })
  const people = peopleStore({ database, clock, random })
  const events = eventReader({ db, origin, pseudonyms: aliases })
  const endpoints = endpointStore({ db, atRest: closet, clock, random })
  const deliveries = deliveryStore({ db, clock })
  const subscriptions = subscriptionStore({ database, atRest: closet, clock })
  const cancel = canceler(payments, bills)
  const handoffs = handingOff({ handoffs: handoffStore({ database, clock }), bills, clock, random })
  const identity = { bills, payerNamed, pseudonyms: aliases }
  const offer = offerer({ ...identity, cards, intents: desk })
  const codes = recoveryStore({ database, clock })
  const losses = lossReporter({
    codes,
    sessions: kept,
    cards,
    tellBank,
    intents: desk,
    prove,
    payerNamed,
    pseudonyms: aliases,
    random,
  })

  return {
    origin,
    limits: config.limits ?? defaultLimits,
    clock,
    configuration: {
      relyingParty: { id: relyingParty.id, name: relyingParty.name },
      bank: { name: config.bank.name, sealingKey: config.bank.sealingKey },
    },
    merchants: merchantStore({ database, clock, random }),
    apiKeys: apiKeyStore({ db, clock, random }),
    idempotency: idempotency(database, clock),
    request: requester(payments, tools, { takesTestPayments: config.takesTestPayments ?? false }),
    offer,
    onShopPage: shopPageOfferer({
      offer,
      payerNamed,
      passkeys,
      atRest: closet,
      decoyKey: keys.pseudonyms,
      relyingParty,
    }),
    pay: payer({
      ...identity,
      payments,
      prove,
      keepCard,
      retrieveCard,
      bank,
      settle,
      reconcile,
      cards,
      atRest: closet,
      clock,
      log,
    }),
    cancel,
    listPayments: paymentLister({ db, bills, clock }),
    takesTestPayments: config.takesTestPayments ?? false,
    happeningsOf: happeningsReader(db),
    takings: takingsReader(db),
    firstSteps: firstStepsReader(db),
    consoleSessions: consoleSessions({ db, clock, random }),
    provePerson: personProver({ intents: desk, people, relyingParty }),
    people,
    operatorToken: config.operatorToken ?? null,
    atRestKeyId: closet.keyId,
    attention: needing,
    reportAttention: attentionReporter(needing, tools),
    receipts: receiptWriter({ payments, atRest: closet, key: keys.intents, bankKeys: config.bank.keys, relyingParty }),
    actOnce: paymentActor({
      ...{ bills, cancel, askOnce: onceAsker({ payments, operations, operate, clock }) },
      idempotency: idempotency(database, clock),
      toMerchant: (payment) => toMerchantPayment(payment, origin, aliases),
    }),
    askForOperations,
    ...{ events, endpoints, deliveries, callsLoopback: isLoopback(new URL(origin).hostname) },
    deliverDue: deliverer({ deliveries, endpoints, events, egress, clock, log }),
    subscriptions,
    applicationServerKey: applicationServerKey(keys.push.publicJwk),
    sendNotices: noticeSender({
      ...{ notices: noticeStore({ db, clock }), subscriptions, egress: push, signing: keys.push, origin, clock, log },
      contact: config.contact ?? `mailto:postmaster@${new URL(origin).hostname}`,
    }),
    expireHolds: holdExpiry({ payments, operations, operate, log }),
    activity,
    accountCloser: accountCloser({
      accounts: accountStore({ database, atRest: closet, clock, random }),
      cards,
      tellBank,
      tellPasskeys,
      intents: desk,
      prove,
      pseudonyms: aliases,
      recoveries,
      clock,
      log,
    }),
    losses,
    recoveries,
    nameRecovery: nameRecoverer({
      ...{ recoveries, losses, cards, passkeys, payers, bank, tellPasskeys, prove, relyingParty, clock, random, log },
      tellBank,
      intents: desk,
      pseudonyms: aliases,
    }),
    exportAccount: accountExporter({
      ...{ payers, passkeys, cards, limits, codes, recoveries, invitations, activity, subscriptions, clock },
      sessions: kept,
      bank: config.bank.name,
    }),
    cardChanges: cardChanger({ cards, tellBank, bank, intents: desk, prove, pseudonyms: aliases, recoveries }),
    limitChanges: limitChanger({
      cards,
      limits,
      tellBank,
      bank,
      intents: desk,
      prove,
      pseudonyms: aliases,
      spentOn: (of) => spentOn(db, of),
      recoveries,
      clock,
    }),
    tellBank,
    passkeyChanges: changes,
    handoffs,
    handoffWatch: handoffWatch({ handoffs, clock, log }),
    invitations: inviter({ invitations, passkeys, payers, making, changes, clock, random }),
    tellPasskeys,
    addCard: cardAdder({ intents: desk, prove, pseudonyms: aliases, keepCard }),
    enrolment: enrolment({ intents: desk, payers, relyingParty, random }),
    sessions: kept,
    intents: desk,
    ...{ bills, reconcile, pseudonyms: aliases, prove, payers, passkeys, cards },
  }
}

/** A door that can be closed: what came in before is finished, and only then the databases go. */
function roomOf(app: ReturnType<typeof paymentApp>, acts: Acts, closeDatabases: () => Promise<void>): Required<Room> {
  const underway = new Set<Promise<unknown>>()
  const rounds = {
    inward: oneAtATime(doWhatIsDue),
    outward: oneAtATime(acts.deliverDue),
    pushing: oneAtATime(acts.sendNotices),
    watching: oneAtATime((stop) => acts.handoffWatch.round(stop)),
  }
  let isClosing = false
  let nextSweepAtMs = 0
  const forgetful: { forgetOld(): Promise<void> }[] = [
    acts.intents,
    acts.sessions,
    acts.consoleSessions,
    acts.people,
    acts.invitations,
    acts.handoffs,
    acts.idempotency,
    acts.deliveries,
  ]

  async function keepTrack<T>(work: Promise<T>): Promise<T> {
    underway.add(work)
    try {
      return await work
    } finally {
      underway.delete(work)
    }
  }

  /** A bank that answers slowly must not pile up rounds. */
  function oneAtATime(work: (stop: Stop) => Promise<void>): Room['tick'] {
    let round: Promise<void> | null = null
    return (stop) => {
      round ??= keepTrack(work(untilStopped(stop))).finally(() => {
        round = null
      })
      return round
    }
  }

  /** First what takes nobody else: a bank that hangs keeps neither bills nor whoever runs this room waiting. */
  async function doWhatIsDue(stop: Stop): Promise<void> {
    if (stop.aborted) return
    await acts.bills.expireOverdue(stop)
    await acts.reportAttention()
    await forgetOld()
    const ends = await Promise.allSettled([
      acts.reconcile.askDue(stop),
      acts.askForOperations(stop),
      acts.expireHolds(stop),
      acts.tellBank.tellDue(stop),
      acts.tellPasskeys.tellDue(stop),
      acts.accountCloser.removeDue(stop),
      acts.nameRecovery.askDue(stop),
    ])
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /** One kind at a time, so that no round is held up by all of them. */
  async function forgetOld(): Promise<void> {
    if (acts.clock.nowMs() < nextSweepAtMs) return
    nextSweepAtMs = acts.clock.nowMs() + sweepEveryMs
    const [next] = forgetful.splice(0, 1)
    if (next === undefined) return
    forgetful.push(next)
    await next.forgetOld()
  }

  const untilStopped = (stop: Stop | undefined): Stop => ({
    get aborted() {
      return isClosing || (stop?.aborted ?? false)
    },
  })

  return {
    fetch: (request, arrival) => keepTrack(Promise.resolve(app.fetch(request, arrival))),
    tick: rounds.inward,
    // Whoever waits at a screen hears of it also while another round waits for the bank, or for a merchant.
    ticksOutward: [rounds.watching, rounds.outward, rounds.pushing],
    async close() {
      isClosing = true
      acts.handoffWatch.endAll()
      while (underway.size > 0) await Promise.allSettled(underway)
      await closeDatabases()
    },
  }
}
