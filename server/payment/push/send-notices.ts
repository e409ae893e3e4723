import { forEachDue } from '../../runtime/each-due.ts'
import type { Egress, EgressOutcome } from '../../runtime/egress.ts'
import type { KeyPair } from '../../runtime/keys.ts'
import type { Clock, Log, Stop } from '../../runtime/room.ts'
import type { Notice, NoticedPayment, NoticeStore } from './notice-store.ts'
import { noticeText } from './notice-words.ts'
import { pushRequest } from './push-request.ts'
import type { SubscriptionStore } from './subscription-store.ts'

const noticesAtOnce = 100
const ofSubscriptionMax = 5
const lanes = 20
const minuteMs = 60_000
/** Longer than any attempt takes: after it whoever made one is taken for dead. */
const leaseMs = minuteMs
/** How long after each failed attempt the next one comes. After the last the wallet is where it is found out. */
const pausesMs = [10_000, minuteMs, 10 * minuteMs, 60 * minuteMs, 6 * 60 * minuteMs]

/** Tells payers' browsers what the outbox holds: at least once, and shown once, since a browser replaces what it shows of the same subject. */
export function noticeSender(tools: {
  notices: NoticeStore
  subscriptions: SubscriptionStore
  egress: Egress<Uint8Array>
  signing: KeyPair
  /** Whom a push service writes to where something is wrong (RFC 8292 §2.1). */
  contact: string
  /** Of the wallet. */
  origin: string
  clock: Clock
  log: Log
}) {
  const { notices, subscriptions, egress, signing, contact, origin, clock, log } = tools

  async function messageOf(notice: Notice, payment: NoticedPayment | null, locale: string) {
    const navigate = payment === null ? `${origin}/` : `${origin}/?payment=${notice.subject}`
    const shown = { tag: notice.subject, timestamp: notice.atMs, navigate }
    const said = noticeText(notice.kind, payment, locale)
    return { web_push: 8030, notification: { ...said, ...shown, lang: locale, dir: 'auto' } } as const
  }

  /** @returns null where nobody is there to be told any more */
  async function send(notice: Notice): Promise<EgressOutcome | null> {
    const subscription = await subscriptions.find(notice.subscription)
    if (subscription === null) return null
    const message = await messageOf(notice, await notices.paymentOf(notice), subscription.locale)
    const sender = { signing, contact, nowMs: clock.nowMs() }
    return egress(await pushRequest(sender, subscription.target, notice.subject, message))
  }

  async function deliver(notice: Notice): Promise<void> {
    if (!(await notices.claim(notice, clock.nowMs() + leaseMs))) return
    const outcome = await send(notice).catch((error: unknown) => {
      // A fault of ours is seen, and tried again like one of theirs.
      log.error('notice-not-sent', { error })
      return { failure: 'connection-failed' } as const
    })
    if (outcome === null) return
    if (isGone(outcome)) return subscriptions.drop(notice.subscription)
    const pauseMs = isWorthAnother(outcome) ? pausesMs[notice.attempts] : undefined
    if (pauseMs === undefined) await notices.drop(notice)
    else await notices.putOff(notice, clock.nowMs() + pauseMs)
    if (!isTaken(outcome)) log.warn('notice-not-taken', factsOf(outcome))
  }

  return async function sendDue(stop: Stop): Promise<void> {
    await forEachDue(await notices.due(noticesAtOnce, ofSubscriptionMax), log, deliver, stop, lanes)
  }
}

const isTaken = (outcome: EgressOutcome): boolean =>
  'status' in outcome && outcome.status >= 200 && outcome.status < 300

/** RFC 8030 §7.3: the browser is no subscriber any more. */
const isGone = (outcome: EgressOutcome): boolean => 'status' in outcome && [404, 410].includes(outcome.status)

/** What is wrong with the message itself, or with where it goes, is wrong the next time too. */
const isWorthAnother = (outcome: EgressOutcome): boolean =>
  'status' in outcome ? outcome.status === 429 || outcome.status >= 500 : outcome.failure !== 'address-refused'

const factsOf = (outcome: EgressOutcome) =>
  'status' in outcome ? { status: outcome.status } : { code: outcome.failure }
