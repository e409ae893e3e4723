import { openDatabase } from '../runtime/database.ts'
import type { PublicKey } from '../runtime/keys.ts'
import type { RelyingParty } from '../runtime/passkey.ts'
import type { Room, Tools } from '../runtime/room.ts'
import { pinKeys } from '../runtime/signed-message.ts'
import { bankApp } from './app.ts'
import type { BankKeys } from './bank-keys.ts'
import { holdExpiry } from './expire-holds.ts'
import { mischief } from './misbehave.ts'
import { type BankTables, bankMigrations } from './schema.ts'

export { type BankKeys, bankKeysIn, makeBankKeys } from './bank-keys.ts'
export { testCards } from './test-cards.ts'

export type BankConfig = {
  readonly databaseUrl: string
  /** The bank's own address, such as `https://bank.example`: what its messages name it by, and the origin of its pages. */
  readonly issuer: string
  readonly name: string
  readonly keys: BankKeys
  /** Those whose messages are read, and whose payers' passkeys are believed. */
  readonly paymentServers: readonly {
    readonly issuer: string
    readonly keys: readonly PublicKey[]
    readonly relyingParty: RelyingParty
  }[]
  /** Whether this is a simulator: test cards, and an API that issues cards and shows the ledger to anybody. */
  readonly isSimulator: boolean
  /** What an operator shows to see the ledger where it is none; absent: nobody may. */
  readonly operatorToken?: string | null
}

/**
 * The bank, ROOM 3.
 * @throws {StartupError} where its database cannot be opened
 */
export async function openBank(config: BankConfig, tools: Tools): Promise<Room> {
  const paymentServers = await Promise.all(
    config.paymentServers.map(async ({ issuer, keys, relyingParty }) => ({
      issuer,
      relyingParty,
      keys: await pinKeys(keys),
    })),
  )
  const database = await openDatabase<BankTables>(config.databaseUrl, bankMigrations, tools.disk)
  const { issuer, name, keys, isSimulator, operatorToken = null } = config
  const [retiredKey] = keys.retiredSigning
  const facts = { issuer, name, keys, isSimulator, operatorToken, database, paymentServers }
  const bank = { ...tools, ...facts, mischief: mischief(tools, retiredKey) }
  const app = bankApp(bank)
  const expireHolds = holdExpiry(bank)
  return {
    fetch: (request, arrival) => app.fetch(request, arrival),
    async tick() {
      bank.mischief.tick()
      await expireHolds()
    },
    async close() {
      bank.mischief.close()
      await database.close()
    },
  }
}
