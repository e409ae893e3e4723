import type { Database } from '../runtime/database.ts'
import type { RelyingParty } from '../runtime/passkey.ts'
import type { Tools } from '../runtime/room.ts'
import type { PinnedKeys } from '../runtime/signed-message.ts'
import type { BankKeys } from './bank-keys.ts'
import type { Mischief } from './misbehave.ts'
import type { BankTables } from './schema.ts'

/** What every act of the bank is given. */
export type Bank = Tools & {
  /** The bank's own address, as its messages name it. */
  readonly issuer: string
  readonly name: string
  readonly database: Database<BankTables>
  readonly keys: BankKeys
  readonly paymentServers: readonly PaymentServer[]
  /** Whether test cards work and the simulator's control API answers. */
  readonly isSimulator: boolean
  /** What an operator shows to see the books of a bank that is no simulator; null where nobody may. */
  readonly operatorToken: string | null
  /** What the simulator was told to do wrong; a bank that is none is told nothing. */
  readonly mischief: Mischief
}

/**
 * A payment server that the bank has a contract with. Everything it names (payments, cards, payers) is named within its own
 * issuer, so that one payment server can neither read nor undo what another one did.
 */
export type PaymentServer = {
  readonly issuer: string
  readonly keys: PinnedKeys
  /** Whose passkeys its payers use: the site that drew the bill they signed. */
  readonly relyingParty: RelyingParty
}

/** The origin of the bank's own pages: from configuration, never from a request. */
export const originOf = ({ issuer }: Bank): string => (URL.canParse(issuer) ? new URL(issuer).origin : issuer)
