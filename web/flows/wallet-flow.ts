import type { CardId } from '../../shared/identifiers.ts'
import type { Payer } from '../../shared/wire/payment-api.ts'
import type { RememberedName } from '../doors/device.ts'
import type { NoticeCode } from './notice.ts'

/** What is under way with a card; nothing else can be begun meanwhile. */
export type CardAct = 'freezing' | 'touching' | 'preferring' | 'naming' | 'asking'

export type SignedIn = {
  readonly step: 'signed-in'
  readonly payer: Payer
  /** The card whose settings are open. */
  readonly open: CardId | null
  /** Whether its payer is asked if it shall really go. */
  readonly isRemoving: boolean
  readonly doing: { readonly act: CardAct; readonly card: CardId } | null
  /** What went wrong last, and with which card. */
  readonly failure: { readonly notice: NoticeCode; readonly card: CardId | null } | null
  /** A card about which the bank was asked, and has heard nothing yet. */
  readonly stillAwaited: CardId | null
}
export type WalletFlow =
  | { readonly step: 'reading' }
  | {
      readonly step: 'signed-out'
      readonly names: readonly RememberedName[]
      readonly doing: 'nothing' | 'signing' | 'reading'
      readonly notice: NoticeCode | null
      /** Whose account was just closed. */
      readonly closed: string | null
    }
  /** Somebody has recovered the name of a passkey that was just to sign in. */
  | { readonly step: 'taken'; readonly credentialId: string }
  | SignedIn

export type WalletEvent =
  | { type: 'read'; payer: Payer | null; names: readonly RememberedName[]; notice: NoticeCode | null }
  | { type: 'reading' }
  | { type: 'signing' }
  | { type: 'signed-in'; payer: Payer }
  | { type: 'taken'; credentialId: string }
  | { type: 'signed-out'; names: readonly RememberedName[]; notice: NoticeCode | null; closed?: string }
  | { type: 'failed'; notice: NoticeCode }
  | { type: 'forgotten'; names: readonly RememberedName[] }
  | { type: 'card-opened'; card: CardId }
  | { type: 'card-closed' }
  | { type: 'removing'; isRemoving: boolean }
  | { type: 'doing'; act: CardAct; card: CardId }
  | { type: 'done'; payer: Payer }
  | { type: 'read-again'; payer: Payer }
  | { type: 'card-failed'; notice: NoticeCode; card: CardId }

/** What the payment server could not be asked for: then the wallet is not signed out, only out of reach. */
const outOfReach: ReadonlySet<NoticeCode | null> = new Set([
  'offline',
  'unavailable',
  'internal-error',
  'too-many-requests',
])
export const isUnread = (state: WalletFlow): boolean => state.step === 'signed-out' && outOfReach.has(state.notice)

export const firstWalletFlow: WalletFlow = { step: 'reading' }

export function walletFlow(state: WalletFlow, event: WalletEvent): WalletFlow {
  switch (event.type) {
    case 'read':
      // Who has signed in meanwhile, or is about to, is not asked to begin again.
      if (state.step !== 'reading' && (state.step !== 'signed-out' || state.doing === 'signing')) return state
      if (event.payer) return home(event.payer)
      return { step: 'signed-out', names: event.names, doing: 'nothing', notice: event.notice, closed: null }
    case 'signed-in':
      return home(event.payer)
    case 'taken':
      return { step: 'taken', credentialId: event.credentialId }
    case 'signed-out': {
      const { names, notice, closed = null } = event
      return { step: 'signed-out', names, doing: 'nothing', notice, closed }
    }
    default:
      if (state.step === 'signed-out') return signedOut(state, event)
      return state.step === 'signed-in' ? signedIn(state, event) : state
  }
}

const home = (payer: Payer): SignedIn => ({
  step: 'signed-in',
  payer,
  open: null,
  isRemoving: false,
  doing: null,
  failure: null,
  stillAwaited: null,
})

type LaterEvent = Exclude<WalletEvent, { type: 'read' | 'signed-in' | 'signed-out' | 'taken' }>

function signedOut(state: Extract<WalletFlow, { step: 'signed-out' }>, event: LaterEvent): WalletFlow {
  switch (event.type) {
    case 'reading':
      return state.doing === 'nothing' ? { ...state, doing: 'reading' } : state
    case 'signing':
      return { ...state, doing: 'signing', notice: null, closed: null }
    case 'failed':
      return { ...state, doing: 'nothing', notice: event.notice }
    case 'forgotten':
      return { ...state, names: event.names }
    default:
      return state
  }
}

function signedIn(state: SignedIn, event: LaterEvent): SignedIn {
  switch (event.type) {
    case 'card-opened':
      return { ...state, open: event.card, isRemoving: false, failure: null }
    case 'card-closed':
      return { ...state, open: null, isRemoving: false, failure: null }
    case 'removing':
      return { ...state, isRemoving: event.isRemoving, failure: null }
    case 'doing':
      return { ...state, doing: { act: event.act, card: event.card }, failure: null, stillAwaited: null }
    case 'done':
      return done(state, event.payer)
    case 'read-again': {
      const { failure, stillAwaited } = state
      return state.doing === null ? { ...done(state, event.payer), failure, stillAwaited } : state
    }
    case 'card-failed':
      return { ...state, doing: null, failure: { notice: event.notice, card: event.card } }
    case 'failed':
      return { ...state, doing: null, failure: { notice: event.notice, card: null } }
    default:
      return state
  }
}

function done(state: SignedIn, payer: Payer): SignedIn {
  const asked = state.doing?.act === 'asking' ? payer.cards.find(({ id }) => id === state.doing?.card) : undefined
  const isThere = payer.cards.some(({ id }) => id === state.open)
  return {
    ...state,
    payer,
    doing: null,
    failure: null,
    open: isThere ? state.open : null,
    isRemoving: isThere && state.isRemoving,
    stillAwaited: asked?.confirmation?.state === 'awaited' ? asked.id : null,
  }
}
