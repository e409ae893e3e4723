import { DoorError, type NoticeCode, noticeOf } from './notice.ts'

/** What can go wrong with passkeys and nowhere else: words that no checkout has to load. */
export const passkeyNotices = [
  'passkey-exists',
  'passkey-unknown',
  'passkey-last',
  'passkeys-too-many',
  'passkey-exchanged',
  'invitation-over',
  'number-differs',
] as const
export type PasskeyNotice = (typeof passkeyNotices)[number]
export type AnyNotice = NoticeCode | PasskeyNotice

export const isPasskeyNotice = (code: string): code is PasskeyNotice =>
  (passkeyNotices as readonly string[]).includes(code)

export const anyNoticeOf = (error: unknown): AnyNotice =>
  error instanceof DoorError && isPasskeyNotice(error.origin) ? error.origin : noticeOf(error)
