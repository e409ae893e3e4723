import { useWalletWordsIfAny } from './use-wallet-words.ts'

/** For who has taken a name to pay: what to have on paper before the phone is gone. The wallet offers it first. */
export function RecoveryHint() {
  const wallet = useWalletWordsIfAny()
  return (
    wallet && (
      <aside class="notice news">
        <p>
          <b>{wallet.recovery.title}</b> {wallet.recovery.none}
        </p>
        <p>
          <a href="/">{wallet.recovery.make}</a>
        </p>
      </aside>
    )
  )
}
