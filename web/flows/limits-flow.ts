/** What happens next with the limits of a card. Pure: the acts that feed it are in `limits-run.ts`. */
import { areSameLimits, type LimitKind, lowerLimits, someLimits } from '../../shared/card-limits.ts'
import type { Currency } from '../../shared/money-text.ts'
import { decimalText } from '../../shared/money-text.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import type { Allowance } from '../../shared/wire/payment-api.ts'
import { amountIn } from './amount-in.ts'
import type { NoticeCode } from './notice.ts'

export const limitKinds = ['payment', 'day', 'month'] as const satisfies readonly LimitKind[]
/** As it is typed; empty for no limit. */
type Draft = Readonly<Record<LimitKind, string>>
export type LimitAct = 'saving' | 'seconding' | 'canceling'

export type OpenLimits = {
  readonly step: 'open'
  readonly allowance: Allowance
  readonly currency: Currency
  readonly draft: Draft
  readonly doing: LimitAct | null
  readonly notice: NoticeCode | null
  /** Something was changed, and the server has said how it stands since. */
  readonly isSaved: boolean
}
export type LimitsFlow =
  | { readonly step: 'reading' }
  | { readonly step: 'unreadable'; readonly notice: NoticeCode }
  | OpenLimits

export type LimitsEvent =
  | { type: 'reading' }
  | { type: 'read'; allowance: Allowance }
  | { type: 'unreadable'; notice: NoticeCode }
  | { type: 'typed'; kind: LimitKind; text: string }
  | { type: 'currency'; currency: Currency }
  | { type: 'doing'; act: LimitAct }
  | { type: 'done'; allowance: Allowance }
  | { type: 'failed'; notice: NoticeCode }

export const firstLimitsFlow: LimitsFlow = { step: 'reading' }

export function limitsFlow(state: LimitsFlow, event: LimitsEvent): LimitsFlow {
  if (event.type === 'reading') return state.step === 'unreadable' ? firstLimitsFlow : state
  if (event.type === 'read') return read(state, event.allowance)
  if (event.type === 'unreadable') return state.step === 'open' ? state : { step: 'unreadable', notice: event.notice }
  if (state.step !== 'open') return state
  switch (event.type) {
    case 'typed':
      return { ...state, draft: { ...state.draft, [event.kind]: event.text }, notice: null, isSaved: false }
    case 'currency':
      return { ...state, currency: event.currency }
    case 'doing':
      return { ...state, doing: event.act, notice: null, isSaved: false }
    case 'done':
      return opened(event.allowance, true)
    case 'failed':
      return { ...state, doing: null, notice: event.notice }
  }
}

/** Somebody who came back to it finds it as it is now, but for what they were changing. */
function read(state: LimitsFlow, allowance: Allowance): LimitsFlow {
  if (state.step !== 'open') return opened(allowance, false)
  const isUntouched = limitKinds.every((kind) => state.draft[kind] === opened(state.allowance, false).draft[kind])
  return isUntouched && state.doing === null ? { ...opened(allowance, state.isSaved), notice: state.notice } : state
}

function opened(allowance: Allowance, isSaved: boolean): OpenLimits {
  const { limits, pending, spent } = allowance
  const shown = limits ?? pending?.limits ?? null
  const currency = shown?.currency ?? spent[0]?.currency ?? 'EUR'
  const text = (minor: number | null | undefined) => (minor == null ? '' : textOfAmount(minor, currency))
  const draft = {
    payment: text(limits?.perPaymentMinor),
    day: text(limits?.perDayMinor),
    month: text(limits?.perMonthMinor),
  }
  return { step: 'open', allowance, currency, draft, doing: null, notice: null, isSaved }
}

/** As people type it: without decimals that say nothing. */
export const textOfAmount = (minor: number, currency: Currency): string =>
  decimalText({ minor, currency }).replace(/\.0+$/, '')

/** What the draft asks for; null where it cannot be read. */
export function askedLimits({ draft, currency }: OpenLimits): CardLimits | null {
  const [payment, day, month] = limitKinds.map((kind) => amountIn(draft[kind], currency))
  if (payment === 'malformed' || day === 'malformed' || month === 'malformed') return null
  return { currency, perPaymentMinor: payment ?? null, perDayMinor: day ?? null, perMonthMinor: month ?? null }
}

/** What saving the draft would do, and when. */
export function effectOf(state: OpenLimits): { readonly lowers: boolean; readonly raises: boolean } {
  const asked = askedLimits(state)
  const { limits } = state.allowance
  if (asked === null) return { lowers: false, raises: false }
  const wanted = someLimits(asked)
  const atOnce = lowerLimits(limits, wanted)
  return { lowers: !areSameLimits(atOnce, limits), raises: !areSameLimits(atOnce, wanted) }
}

/** The passkeys, by thumbprint, that may make what is waited for hold at once. */
export function secondsFor({ pending, longBound }: Allowance): readonly string[] {
  const first = pending?.signedBy ?? null
  return first !== null && longBound.includes(first) ? longBound.filter((passkey) => passkey !== first) : []
}
