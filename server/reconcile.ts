import './require-node.mjs'
import { join } from 'node:path'
import { Problem } from '../shared/problem.ts'
import { type Comparison, reconcileLedgers, signingKeyIn } from './payment/room.ts'
import type { Environment } from './runtime/configuration.ts'
import { pinnedKeysFile } from './runtime/keys.ts'
import { silentLog } from './runtime/log.ts'
import { overHttp } from './runtime/peer.ts'
import { systemClock, systemRandom } from './runtime/room.ts'
import { StartupError } from './runtime/startup-error.ts'
import { readWishes, settingsOf } from './settings.ts'
import { tableOf } from './table.ts'

/**
 * `npm run reconcile`: compares the payment server's ledger with the bank's while both run, with the variables that the payment server
 * was started with. It makes neither keys nor tables.
 * @returns what to print; exit code 0 where they agree and 1 where they do not
 * @throws {StartupError} where they cannot be compared
 */
export async function reconcile(environment: Environment): Promise<{ text: string; exitCode: 0 | 1 }> {
  const wishes = readWishes(environment)
  const { bank, payment } = settingsOf(wishes, wishes.ports)
  const bankKeys = await pinnedKeysFile(join(bank.publicDirectory, 'signing.json'))
  const config = {
    databaseUrl: payment.databaseUrl,
    issuer: payment.origin,
    keys: { signing: await signingKeyIn(payment.keyDirectory) },
    bank: { issuer: bank.origin, keys: bankKeys },
  }
  const tools = { clock: systemClock, random: systemRandom, log: silentLog }
  try {
    return reportOf(await reconcileLedgers(config, { bank: overHttp(bank.url) }, tools))
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    throw new StartupError(`The bank at ${bank.url} gave no statement: start it, or set BANK_URL.`, { cause })
  }
}

function reportOf({ compared, differences }: Comparison): { text: string; exitCode: 0 | 1 } {
  if (differences.length === 0) {
    return { text: `Both ledgers agree; authorizations compared: ${compared}.\n`, exitCode: 0 }
  }
  const rows = differences.map(({ reference, about, ours, banks }) => [reference, about, ours, banks] as const)
  const table = tableOf([['Authorization', 'What', 'Payment server', 'Bank'], ...rows])
  const summary = `Differences: ${differences.length}; authorizations compared: ${compared}.`
  return { text: `${table}\n${summary}\n`, exitCode: 1 }
}

const couldNotCompare = 2

async function main(): Promise<void> {
  try {
    const { text, exitCode } = await reconcile(process.env)
    process.stdout.write(text)
    process.exitCode = exitCode
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = couldNotCompare
  }
}

if (import.meta.main) await main()
