/** What somebody paid, as they look through it: at once what this device saw last, and then what is. */
import type { ActivityEntry, ActivityQuery, Payer, Spending } from '../../shared/wire/payment-api.ts'
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import { type Flow, flow } from './flow.ts'
import { type NoticeCode, noticeOf } from './notice.ts'
import { type Sifter, sifter } from './sifter.ts'
import { startOfMonthMs } from './spending.ts'

export type ActivityKind = NonNullable<ActivityQuery['kind']>
/** Which payments somebody wants to see. */
export type Sieve = { readonly search: string; readonly kind: ActivityKind | null }

export type ActivityFlow = {
  readonly payments: readonly ActivityEntry[]
  readonly spent: Spending['spent']
  readonly sieve: Sieve
  /** Where the next page begins; null where there is none. */
  readonly next: string | null
  /** Null where it is as it is now, or nothing was ever seen. */
  readonly asOfMs: number | null
  readonly doing: 'reading' | 'sifting' | 'reading-more' | 'nothing'
  readonly notice: NoticeCode | null
  /** The payment that is looked at, and whether its payer has said that it was not them. */
  readonly open: ActivityEntry | null
  readonly isUnfamiliar: boolean
}

export type ActivityEvent =
  | { type: 'seen-before'; payments: readonly ActivityEntry[]; spent: Spending['spent']; asOfMs: number }
  | { type: 'read'; payments: readonly ActivityEntry[]; spent: Spending['spent']; next: string | null }
  | {
      type: 'read-again'
      sieve: Sieve
      payments: readonly ActivityEntry[]
      spent: Spending['spent']
      next: string | null
    }
  | { type: 'sifting'; sieve: Sieve }
  | { type: 'sifted'; payments: readonly ActivityEntry[]; next: string | null }
  | { type: 'reading-more' }
  | { type: 'read-more'; payments: readonly ActivityEntry[]; next: string | null }
  | { type: 'failed'; notice: NoticeCode }
  | { type: 'opened'; entry: ActivityEntry }
  | { type: 'unfamiliar' }
  | { type: 'closed' }

export const firstActivityFlow: ActivityFlow = {
  payments: [],
  spent: [],
  sieve: { search: '', kind: null },
  next: null,
  asOfMs: null,
  doing: 'reading',
  notice: null,
  open: null,
  isUnfamiliar: false,
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
      // Somebody has begun to look for others meanwhile: those are shown, or come.
      if (state.sieve !== firstActivityFlow.sieve) return { ...state, spent, asOfMs: null }
      return { ...state, payments, spent, next, asOfMs: null, doing: 'nothing', notice: null }
    }
    case 'read-again':
      return readAgain(state, event)
    case 'sifting':
      return { ...state, sieve: event.sieve, doing: 'sifting', notice: null }
    case 'sifted':
      return { ...state, payments: event.payments, next: event.next, doing: 'nothing' }
    case 'reading-more':
      return { ...state, doing: 'reading-more', notice: null }
    case 'read-more':
      return { ...state, payments: [...state.payments, ...event.payments], next: event.next, doing: 'nothing' }
    case 'failed':
      return { ...state, doing: 'nothing', notice: event.notice }
    case 'opened':
      return { ...state, open: event.entry, isUnfamiliar: false }
    case 'unfamiliar':
      return { ...state, isUnfamiliar: true }
    case 'closed':
      return { ...state, open: null, isUnfamiliar: false }
  }
}

/** What is new stands before what is there; what was read on further down stays. */
function readAgain(state: ActivityFlow, event: Extract<ActivityEvent, { type: 'read-again' }>): ActivityFlow {
  const { payments, spent, next, sieve } = event
  if (state.sieve !== sieve || state.doing !== 'nothing') return { ...state, spent }
  const last = state.payments.findIndex(({ payment }) => payment === payments.at(-1)?.payment)
  // Where the list is what was seen before, nobody knows what lies between it and now.
  const older = last === -1 || state.asOfMs !== null ? [] : state.payments.slice(last + 1)
  const open = payments.find(({ payment }) => payment === state.open?.payment) ?? state.open
  return {
    ...state,
    payments: [...payments, ...older],
    spent,
    next: older.length > 0 ? state.next : next,
    asOfMs: null,
    notice: null,
    open,
  }
}

export type ActivityRun = Sifter<Sieve> & {
  readonly flow: Flow<ActivityFlow, ActivityEvent>
  read(payer: Payer): Promise<void>
  /** Somebody comes back to what they were looking at: it is as it is now, without a word where that cannot be said. */
  readAgain(payer: Payer): Promise<void>
}

export function activityRun(tools: {
  readonly wallet: Pick<WalletClient, 'activity' | 'spending'>
  readonly lastSeen: Pick<LastSeenDoor, 'of' | 'keep'>
  readonly pause: (ms: number) => Promise<void>
  /** The payment that somebody was told of and wants to see; null where they just came. */
  readonly takeWanted: () => string | null
  readonly nowMs: () => number
  readonly signedOut: () => Promise<void>
}): ActivityRun {
  const { wallet, lastSeen, pause, takeWanted, nowMs, signedOut } = tools
  const run = flow(activityFlow, firstActivityFlow)
  const { now, send } = run
  const sifting = sifter({
    now,
    pause,
    ask: (sieve: Sieve, before) => wallet.activity({ ...queryOf(sieve), ...(before !== null && { before }) }),
    sifting: (sieve) => send({ type: 'sifting', sieve }),
    sifted: ({ payments, next }) => send({ type: 'sifted', payments, next }),
    readingMore: () => send({ type: 'reading-more' }),
    readMore: ({ payments, next }) => send({ type: 'read-more', payments, next }),
    failed: (error) => void failed(error),
  })

  async function failed(error: unknown): Promise<void> {
    const notice = noticeOf(error)
    if (notice === 'session-missing') await signedOut()
    else send({ type: 'failed', notice })
  }

  async function ask(query: ActivityQuery) {
    const [page, { spent }] = await Promise.all([wallet.activity(query), wallet.spending(startOfMonthMs(nowMs()))])
    return { ...page, spent }
  }

  return {
    flow: run,
    async readAgain({ username }) {
      const { sieve, doing } = now()
      if (doing !== 'nothing') return
      const seen = await ask(queryOf(sieve)).catch(() => null)
      if (seen === null) return
      send({ type: 'read-again', sieve, ...seen })
      const { payments, spent } = seen
      if (sieve === firstActivityFlow.sieve) await lastSeen.keep(username, { payments, spent, seenAtMs: nowMs() })
    },
    async read({ username }) {
      const before = lastSeen.of(username).then((seen) => {
        if (seen !== null) send({ type: 'seen-before', ...seen, asOfMs: seen.seenAtMs })
      })
      try {
        const { payments, next, spent } = await ask({})
        send({ type: 'read', payments, spent, next })
        const wanted = takeWanted()
        const entry = payments.find(({ payment }) => payment === wanted)
        if (entry !== undefined) send({ type: 'opened', entry })
        await lastSeen.keep(username, { payments, spent, seenAtMs: nowMs() })
      } catch (error) {
        await before
        await failed(error)
      }
    },
    ...sifting,
  }
}

const queryOf = ({ search, kind }: Sieve): ActivityQuery => ({
  ...(search.trim() !== '' && { search: search.trim() }),
  ...(kind !== null && { kind }),
})
