import type { ProblemCode } from '../../shared/problem.ts'

/** What can happen on this side of the wire. */
export const ownNotices = [
  'offline',
  'answer-lost',
  'passkey-dismissed',
  'passkey-elsewhere',
  'passkey-unsupported',
  'passkey-gone',
  'passkey-to-delete',
  'dialog-left',
  'name-empty',
  'enrolment-unanswered',
  'enrolment-unheard',
  'too-many-refusals',
  'intent-mismatch',
] as const
/** Refusals that a payer can meet; every other one is shown as `internal-error`. */
const payerProblems = [
  'too-many-requests',
  'internal-error',
  'unavailable',
  'bank-unreachable',
  'username-malformed',
  'username-too-short',
  'username-too-long',
  'username-has-control',
  'username-mixes-scripts',
  'username-reads-as-card',
  'username-reserved',
  'username-taken',
  'username-confusable',
  'nickname-too-long',
  'nickname-has-control',
  'nickname-reads-as-card',
  'card-number-malformed',
  'card-expiry-malformed',
  'card-code-malformed',
  'card-name-malformed',
  'card-unknown',
  'card-missing',
  'card-refused',
  'card-frozen',
  'card-unconfirmed',
  'limit-exceeded',
  'limits-changed',
  'intent-expired',
  'intent-consumed',
  'passkey-refused',
  'passkey-taken',
  'name-recovered',
  'name-held',
  'session-missing',
  'payment-unknown',
  'payment-settled',
  'payment-in-progress',
  'payment-expired',
] as const satisfies readonly ProblemCode[]

export type NoticeCode = (typeof ownNotices)[number] | (typeof payerProblems)[number]
const known: ReadonlySet<string> = new Set([...ownNotices, ...payerProblems])
const isNoticeCode = (code: string): code is NoticeCode => known.has(code)

/** A proxy's own page of an error has no code of ours: then it is `unavailable`. */
const lostAnswers: ReadonlySet<string> = new Set(['offline', 'internal-error', 'unavailable'])

/** A door failed: the code says which words to show, the detail is the server's own (a decline reason). */
export class DoorError extends Error {
  override readonly name = 'DoorError'
  readonly code: NoticeCode
  readonly detail: string | undefined
  /** What it was called where it happened, also where a checkout has no words for it. */
  readonly origin: string
  /** The request may have been acted upon all the same: what became of it is read, never guessed. */
  readonly isAnswerLost: boolean
  constructor(code: string, options: { detail?: string | undefined; cause?: unknown } = {}) {
    super(code, { cause: options.cause })
    this.code = isNoticeCode(code) ? code : 'internal-error'
    this.detail = options.detail
    this.origin = code
    this.isAnswerLost = lostAnswers.has(code)
  }
}

/** Also where an answer came that cannot be read. */
export const isAnswerLost = (error: unknown): boolean => !(error instanceof DoorError) || error.isAnswerLost

const changesOfMind: ReadonlySet<NoticeCode> = new Set(['passkey-dismissed', 'passkey-elsewhere', 'dialog-left'])
/** Who changed their mind has done nothing wrong. */
export const toneOf = (notice: NoticeCode): 'note' | 'stop' => (changesOfMind.has(notice) ? 'note' : 'stop')

/** Signing in found nobody who has this passkey, or has it still. */
export const isPasskeyOfNobody = (notice: NoticeCode): boolean =>
  notice === 'passkey-gone' || notice === 'passkey-to-delete'

export const noticeOf = (error: unknown): NoticeCode => (error instanceof DoorError ? error.code : 'internal-error')
