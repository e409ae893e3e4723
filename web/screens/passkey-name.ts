import type { ListedPasskey } from '../../shared/wire/payment-api.ts'
import type { WalletWords } from '../words/wallet-en.ts'

/** What a passkey is called: by its owner, else after what keeps it. */
export const passkeyName = ({ nickname, keeper }: ListedPasskey, { passkeys }: WalletWords): string =>
  nickname ?? keeper ?? passkeys.nameless
