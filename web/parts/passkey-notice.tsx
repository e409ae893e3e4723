import { toneOf } from '../flows/notice.ts'
import { type AnyNotice, isPasskeyNotice } from '../flows/passkey-notice.ts'
import type { WalletWords } from '../words/wallet-en.ts'
import { useSpeech } from './language-context.ts'
import { Notice } from './notice.tsx'

type PasskeyNoticeProps = { readonly notice: AnyNotice | null; readonly wallet: WalletWords }

/** What went wrong with a passkey, in words of the wallet where a checkout has none. */
export function PasskeyNotice({ notice, wallet }: PasskeyNoticeProps) {
  const { words } = useSpeech()
  if (notice === null) return null
  if (isPasskeyNotice(notice)) return <Notice tone="stop" advice={wallet.passkeys.notices[notice]} />
  return <Notice tone={toneOf(notice)} advice={words.notices[notice]} />
}
