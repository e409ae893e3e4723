import type { NameRecovery } from '../../shared/wire/payment-api.ts'
import type { AnyNotice } from './passkey-notice.ts'

type Pending = Extract<NameRecovery, { state: 'pending' }>

/** A device of somebody who has lost every passkey, and shows a recovery code. */
export type NameRecoveryFlow =
  | { readonly step: 'offered'; readonly doing: 'nothing' | 'making'; readonly notice: AnyNotice | null }
  /** A passkey is made. Nothing is won by it until the cardholder has said yes at the bank. */
  | {
      readonly step: 'waiting'
      readonly passkey: string
      readonly bank: string
      readonly cards: Pending['cards']
      readonly doing: 'nothing' | 'asking'
    }
  | {
      readonly step: 'recovered'
      readonly heldUntilMs: number
      readonly doing: 'nothing' | 'signing'
      readonly notice: AnyNotice | null
    }
  | { readonly step: 'over' }
  | { readonly step: 'home' }

export type NameRecoveryEvent =
  | { type: 'making' }
  | { type: 'asking' }
  | { type: 'told'; standing: NameRecovery; passkey: string; bank: string }
  | { type: 'signing' }
  | { type: 'failed'; notice: AnyNotice }
  | { type: 'home' }

export const firstNameRecoveryFlow: NameRecoveryFlow = { step: 'offered', doing: 'nothing', notice: null }

export function nameRecoveryFlow(state: NameRecoveryFlow, event: NameRecoveryEvent): NameRecoveryFlow {
  switch (event.type) {
    case 'making':
      return state.step === 'offered' ? { ...state, doing: 'making', notice: null } : state
    case 'asking':
      return state.step === 'waiting' ? { ...state, doing: 'asking' } : state
    case 'told':
      return toldOf(state, event)
    case 'signing':
      return state.step === 'recovered' ? { ...state, doing: 'signing', notice: null } : state
    case 'failed':
      if (state.step === 'waiting') return { ...state, doing: 'nothing' }
      return state.step === 'offered' || state.step === 'recovered'
        ? { ...state, doing: 'nothing', notice: event.notice }
        : state
    case 'home':
      return { step: 'home' }
  }
}

function toldOf(
  state: NameRecoveryFlow,
  { standing, passkey, bank }: Extract<NameRecoveryEvent, { type: 'told' }>,
): NameRecoveryFlow {
  if (state.step !== 'offered' && state.step !== 'waiting') return state
  switch (standing.state) {
    case 'pending':
      return { step: 'waiting', passkey, bank, cards: standing.cards, doing: 'nothing' }
    case 'recovered':
      return { step: 'recovered', heldUntilMs: standing.heldUntilMs, doing: 'nothing', notice: null }
    case 'over':
      return { step: 'over' }
  }
}
