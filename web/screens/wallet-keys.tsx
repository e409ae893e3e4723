import type { AccountRun } from '../flows/account-run.ts'
import type { PasskeyRun } from '../flows/passkey-run.ts'
import type { RecoveryRun } from '../flows/recovery-run.ts'
import { Button } from '../parts/button.tsx'
import type { WalletWords } from '../words/wallet-en.ts'
import { AccountSection } from './account-section.tsx'
import { PasskeysSection } from './passkeys-section.tsx'
import { RecoverySection } from './recovery-section.tsx'

type WalletKeysProps = {
  readonly passkeys: PasskeyRun
  readonly recovery: RecoveryRun
  readonly account: AccountRun
  readonly display: string
  readonly wallet: WalletWords
  readonly nowMs: () => number
  readonly signOut: () => void
}

/** Below what is looked at daily: what opens the wallet, and how to leave it. */
export function WalletKeys({ passkeys, recovery, account, display, wallet, nowMs, signOut }: WalletKeysProps) {
  return (
    <>
      <PasskeysSection run={passkeys} {...{ wallet, nowMs }} />
      <RecoverySection run={recovery} {...{ wallet, nowMs }} />
      <AccountSection run={account} {...{ wallet, display }} />
      <div class="sign-out">
        <Button onPress={signOut}>{wallet.signOut}</Button>
        <p>{wallet.signOutMore}</p>
      </div>
    </>
  )
}
