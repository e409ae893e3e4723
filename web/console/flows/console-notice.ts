import { DoorError, type NoticeCode, noticeOf } from '../../flows/notice.ts'

/** Refusals that nobody but a merchant's people meets. */
const consoleNotices = [
  'invitation-over',
  'role-missing',
  'capture-exceeds',
  'refund-exceeds',
  'bank-declined',
  'payment-unpaid',
  'webhook-url-refused',
  'webhooks-too-many',
  'webhook-unknown',
  'person-unknown',
  'owner-last',
  'people-too-many',
] as const
export type ConsoleNotice = NoticeCode | (typeof consoleNotices)[number]

export function consoleNoticeOf(error: unknown): ConsoleNotice {
  const named = error instanceof DoorError && consoleNotices.find((code) => code === error.origin)
  return named || noticeOf(error)
}

/** No change of anybody's mind is among them. */
export const isRefusal = (notice: ConsoleNotice): notice is (typeof consoleNotices)[number] =>
  consoleNotices.some((code) => code === notice)
