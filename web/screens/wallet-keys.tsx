import { useState } from 'preact/hooks'
import type { InstallDoor } from '../doors/install.ts'
import type { AccountRun } from '../flows/account-run.ts'
import type { ActivityRun } from '../flows/activity-run.ts'
import type { PasskeyRun } from '../flows/passkey-run.ts'
import type { PushRun } from '../flows/push-run.ts'
import type { RecoveryRun } from '../flows/recovery-run.ts'
import { Button } from '../parts/button.tsx'
import type { WalletWords } from '../words/wallet-en.ts'
import { AccountSection } from './account-section.tsx'
import { PasskeysSection } from './passkeys-section.tsx'
import { PushOffer, PushSection } from './push-section.tsx'
import { RecoverySection } from './recovery-section.tsx'

type WalletKeysProps = {
  readonly passkeys: PasskeyRun
  readonly recovery: RecoveryRun
  readonly account: AccountRun
  readonly push: PushRun
  readonly activity: ActivityRun
  readonly install: InstallDoor
  readonly display: string
  readonly wallet: WalletWords
  readonly nowMs: () => number
  readonly signOut: () => void
}

/** Below what is looked at daily: what opens the wallet, and how to leave it. */
export function WalletKeys(props: WalletKeysProps) {
  const { passkeys, recovery, account, push, activity, install, display, wallet, nowMs, signOut } = props
  // Where it stood first it stays: nothing moves under the finger that makes one.
  const [isCodeMissing] = useState(() => recovery.flow.now().codeMadeAtMs === null)
  const code = <RecoverySection run={recovery} {...{ wallet, nowMs }} />
  return (
    <>
      {isCodeMissing && code}
      <PushOffer run={push} words={wallet.push} {...{ activity, install }} />
      <PasskeysSection run={passkeys} {...{ wallet, nowMs }} />
      {!isCodeMissing && code}
      <PushSection run={push} words={wallet.push} />
      <AccountSection run={account} {...{ wallet, display }} />
      <div class="sign-out">
        <Button onPress={signOut}>{wallet.signOut}</Button>
        <p>{wallet.signOutMore}</p>
      </div>
    </>
  )
}
