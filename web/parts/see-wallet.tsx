import { useWalletWordsIfAny } from './use-wallet-words.ts'

/** To where somebody sees more of it, and can mend it. */
export function SeeWallet({ look = '' }: { readonly look?: 'button plain' | '' }) {
  const wallet = useWalletWordsIfAny()
  return (
    wallet && (
      <a class={look} href="/">
        {wallet.confirm.seeWallet}
      </a>
    )
  )
}
