import type { Handoff, HandoffProgress } from '../../shared/wire/handoff-api.ts'

type Shown = Pick<Handoff, 'secret' | 'handle' | 'number'> & {
  /** By this device's clock. */
  readonly endsAtMs: number
}

/** The screen that shows a bill which a phone shall pay. Where the bill itself has moved, the pay page goes on by its own flow. */
export type HandoffFlow =
  | { readonly step: 'intro' }
  | { readonly step: 'beginning' }
  | (Shown & { readonly step: 'shown' })
  | (Shown & { readonly step: 'matched'; readonly isDeclined: boolean })
  | { readonly step: 'ended'; readonly why: 'refused' | 'over' | 'too-many' | 'failed' }
  /** The bill has moved: it is the pay page's again. */
  | { readonly step: 'moved' }

export type HandoffEvent =
  | { type: 'begin' }
  | { type: 'begun'; handoff: Handoff; nowMs: number }
  | { type: 'progressed'; progress: HandoffProgress }
  | { type: 'ended'; why: 'too-many' | 'failed' }

export function handoffFlow(state: HandoffFlow, event: HandoffEvent): HandoffFlow {
  switch (event.type) {
    case 'begin':
      return state.step === 'intro' || state.step === 'ended' ? { step: 'beginning' } : state
    case 'begun': {
      const { secret, handle, number, expiresAtMs, nowMs } = event.handoff
      const endsAtMs = event.nowMs + expiresAtMs - nowMs
      return state.step === 'beginning' ? { step: 'shown', secret, handle, number, endsAtMs } : state
    }
    case 'progressed':
      return state.step === 'shown' || state.step === 'matched' ? progressed(state, event.progress) : state
    case 'ended':
      return state.step === 'beginning' ? { step: 'ended', why: event.why } : state
  }
}

function progressed(
  state: Extract<HandoffFlow, { step: 'shown' | 'matched' }>,
  { state: handoff, payment }: HandoffProgress,
): HandoffFlow {
  const isOpen = payment === 'created' || payment === 'declined'
  if (!isOpen) return { step: 'moved' }
  if (handoff === 'refused' || handoff === 'over') return { step: 'ended', why: handoff }
  if (handoff === 'open') return state
  const isDeclined = payment === 'declined'
  if (state.step === 'matched' && state.isDeclined === isDeclined) return state
  const { secret, handle, number, endsAtMs } = state
  return { step: 'matched', secret, handle, number, endsAtMs, isDeclined }
}
