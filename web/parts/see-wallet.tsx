import { useWalletWords } from './use-wallet-words.ts'

/** To where somebody sees more of it, and can mend it. */
export function SeeWallet() {
  const wallet = useWalletWords()
  return (
    wallet && (
      <p>
        <a href="/">{wallet.confirm.seeWallet}</a>
      </p>
    )
  )
}
