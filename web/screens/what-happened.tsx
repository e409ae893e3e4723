import { type NoticeCode, toneOf } from '../flows/notice.ts'
import type { OpenBill } from '../flows/pay-flow.ts'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'
import { SeeWallet } from '../parts/see-wallet.tsx'
import { DeclineNotice } from './decline-notice.tsx'

const mendedInWallet: ReadonlySet<NoticeCode> = new Set(['card-frozen', 'name-recovered'])

/** Why the last tap came to nothing, or a decline of the bank. */
export function WhatHappened({ state }: { state: OpenBill }) {
  const { words } = useSpeech()
  const { notice } = state
  if (!notice) return <DeclineNotice state={state} />
  return (
    <Notice tone={toneOf(notice)} advice={words.notices[notice]}>
      {mendedInWallet.has(notice) && (
        <p>
          <SeeWallet />
        </p>
      )}
    </Notice>
  )
}
