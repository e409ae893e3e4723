/** What somebody paid, as they look through it: at once what this device saw last, and then what is. */
import type { ActivityEntry, Payer, Spending } from '../../shared/wire/payment-api.ts'
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import { type Flow, flow } from './flow.ts'
import { type NoticeCode, noticeOf } from './notice.ts'
import { startOfMonthMs } from './spending.ts'

export type ActivityFlow = {
  readonly payments: readonly ActivityEntry[]
  readonly spent: Spending['spent']
  /** Where the next page begins; null where there is none. */
  readonly next: string | null
  /** Null where it is as it is now, or nothing was ever seen. */
  readonly asOfMs: number | null
  readonly doing: 'reading' | 'reading-more' | 'nothing'
  readonly notice: NoticeCode | null
}

export type ActivityEvent =
  | { type: 'seen-before'; payments: readonly ActivityEntry[]; spent: Spending['spent']; asOfMs: number }
  | { type: 'read'; payments: readonly ActivityEntry[]; spent: Spending['spent']; next: string | null }
  | { type: 'reading-more' }
  | { type: 'read-more'; payments: readonly ActivityEntry[]; next: string | null }
  | { type: 'failed'; notice: NoticeCode }

const firstActivityFlow: ActivityFlow = {
  payments: [],
  spent: [],
  next: null,
  asOfMs: null,
  doing: 'reading',
  notice: null,
}

export function activityFlow(state: ActivityFlow, event: ActivityEvent): ActivityFlow {
  switch (event.type) {
    case 'seen-before': {
      if (state.doing !== 'reading') return state // what is has come first
      const { payments, spent, asOfMs } = event
      return { ...state, payments, spent, asOfMs }
    }
    case 'read': {
      const { payments, spent, next } = event
      return { payments, spent, next, asOfMs: null, doing: 'nothing', notice: null }
    }
    case 'reading-more':
      return { ...state, doing: 'reading-more', notice: null }
    case 'read-more':
      return { ...state, payments: [...state.payments, ...event.payments], next: event.next, doing: 'nothing' }
    case 'failed':
      return { ...state, doing: 'nothing', notice: event.notice }
  }
}

export type ActivityRun = {
  readonly flow: Flow<ActivityFlow, ActivityEvent>
  read(payer: Payer): Promise<void>
  readMore(): Promise<void>
}

export function activityRun(tools: {
  readonly wallet: WalletClient
  readonly lastSeen: LastSeenDoor
  readonly nowMs: () => number
}): ActivityRun {
  const { wallet, lastSeen, nowMs } = tools
  const run = flow(activityFlow, firstActivityFlow)
  const { now, send } = run
  return {
    flow: run,
    async read({ username, cards }) {
      const before = lastSeen.of(username).then((seen) => {
        if (seen !== null) send({ type: 'seen-before', ...seen, asOfMs: seen.seenAtMs })
      })
      try {
        const fromMs = startOfMonthMs(nowMs())
        const [{ payments, next }, { spent }] = await Promise.all([wallet.activity(null), wallet.spending(fromMs)])
        send({ type: 'read', payments, spent, next })
        const shown = cards.map(({ id, face, nickname, isFrozen }) => ({ id, face, nickname, isFrozen }))
        await lastSeen.keep({ username, cards: shown, payments, spent, seenAtMs: nowMs() })
      } catch (error) {
        await before
        send({ type: 'failed', notice: noticeOf(error) })
      }
    },
    async readMore() {
      const { next, doing } = now()
      if (next === null || doing !== 'nothing') return
      send({ type: 'reading-more' })
      try {
        send({ type: 'read-more', ...(await wallet.activity(next)) })
      } catch (error) {
        send({ type: 'failed', notice: noticeOf(error) })
      }
    },
  }
}
