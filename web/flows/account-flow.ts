import type { NoticeCode } from './notice.ts'

/** What somebody does with the whole of their account. */
export type AccountFlow = {
  /** Whether they are asked if it shall really go. */
  readonly isClosing: boolean
  readonly doing: 'saving' | 'touching' | null
  readonly isSaved: boolean
  readonly notice: NoticeCode | null
}
export type AccountEvent =
  | { type: 'saving' }
  | { type: 'saved' }
  | { type: 'closing' }
  | { type: 'kept' }
  | { type: 'touching' }
  | { type: 'failed'; notice: NoticeCode }

export const firstAccountFlow: AccountFlow = { isClosing: false, doing: null, isSaved: false, notice: null }

export function accountFlow(state: AccountFlow, event: AccountEvent): AccountFlow {
  switch (event.type) {
    case 'saving':
      return { ...state, doing: 'saving', isSaved: false, notice: null }
    case 'saved':
      return { ...state, doing: null, isSaved: true }
    case 'closing':
      return { ...state, isClosing: true, notice: null }
    case 'kept':
      return { ...state, isClosing: false, doing: state.doing === 'touching' ? null : state.doing, notice: null }
    case 'touching':
      return { ...state, doing: 'touching', notice: null }
    case 'failed':
      return { ...state, doing: null, notice: event.notice }
  }
}
