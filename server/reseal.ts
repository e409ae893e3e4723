import './require-node.mjs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../shared/problem.ts'
import { type ResealProgress, type ResealReport, resealEverything, resealingKeysIn } from './payment/room.ts'
import type { Environment } from './runtime/configuration.ts'
import { pinnedKeysFile } from './runtime/keys.ts'
import { silentLog } from './runtime/log.ts'
import { overHttp } from './runtime/peer.ts'
import { systemClock, systemRandom } from './runtime/room.ts'
import { StartupError } from './runtime/startup-error.ts'
import { readWishes, type Settings, settingsOf } from './settings.ts'

/**
 * `npm run reseal`: closes everything that the payment server keeps by its newest key at rest, and has the bank make every card record anew
 * under its own, while both run; with the variables that the payment server was started with. It may be stopped and begun again.
 * @returns what to print; exit code 0 where the older keys can be deleted and 1 where something is left
 * @throws {StartupError} where it cannot go on
 */
export async function reseal(
  environment: Environment,
  progress: ResealProgress = () => {},
): Promise<{ text: string; exitCode: 0 | 1 }> {
  const wishes = readWishes(environment)
  const { bank, payment } = settingsOf(wishes, wishes.ports)
  const keys = await resealingKeysIn(payment.keyDirectory)
  await assertServerHas(keys.atRest[0]?.id, payment)
  const config = {
    databaseUrl: payment.databaseUrl,
    cardDatabaseUrl: payment.cardDatabaseUrl,
    issuer: payment.origin,
    keys,
    bank: { issuer: bank.origin, keys: await pinnedKeysFile(join(bank.publicDirectory, 'signing.json')) },
  }
  const tools = { clock: systemClock, random: systemRandom, log: silentLog }
  try {
    return reportOf(await resealEverything(config, { bank: overHttp(bank.url) }, tools, progress))
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    throw new StartupError(
      `The bank at ${bank.url} does not answer: start it, or set BANK_URL, and run this again. It goes on where it was.`,
      { cause },
    )
  }
}

const healthSchema = z.object({ atRestKey: z.string() })
const answerWithinMs = 10_000

/**
 * A payment server that was started before its newest key was there could not open what is closed by it. One that does not run has nothing to
 * open, and will read every key when it starts.
 */
async function assertServerHas(keyId: string | undefined, { url, keyDirectory }: Settings['payment']): Promise<void> {
  const token = await readFile(join(keyDirectory, 'operator-token'), 'utf8').catch(() => '')
  const headers = { authorization: `Bearer ${token.trim()}` }
  const signal = AbortSignal.timeout(answerWithinMs)
  const answer = await fetch(new URL('/healthz', url), { headers, signal }).catch(() => null)
  if (answer === null) return
  const health = healthSchema.safeParse(await answer.json().catch(() => null))
  if (health.success && health.data.atRestKey === keyId) return
  throw new StartupError(
    `The payment server at ${url} was started before its newest key at rest was there: start it again, or set PAYMENT_URL.`,
  )
}

function reportOf({ cards, texts }: ResealReport): { text: string; exitCode: 0 | 1 } {
  const counts = [...texts]
  const lines = counts.map(([what, { closed: count }]) => `${`${what}:`.padEnd(widestName)}${count} closed again`)
  const unreadable = counts.reduce((sum, [, { unreadable: count }]) => sum + count, cards.unreadable)
  const left = [
    ...leftOver(cards.changed, 'were changed meanwhile: run this again.'),
    ...leftOver(cards.refused, 'were refused by the bank, and stay as they were.'),
    ...leftOver(unreadable, 'were closed by a key that is not here.'),
  ]
  const isDone = left.length === 0
  const end = isDone
    ? 'The older keys at rest, and the bank’s older record keys, are not needed any more.'
    : left.join('\n')
  const ofCards = `${'cards:'.padEnd(widestName)}${cards.resealed} sealed anew, ${cards.kept} already were`
  return { text: `${[...lines, ofCards, '', end].join('\n')}\n`, exitCode: isDone ? 0 : 1 }
}

const widestName = 'push subscriptions: '.length
const leftOver = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`])

/** One line that says how far it is, written over the one before; where nobody watches, none. */
function progressLine(stream: NodeJS.WriteStream): { show: ResealProgress; end(): void } {
  if (!stream.isTTY) return { show: () => {}, end: () => {} }
  return {
    show: (what, done, of) => void stream.write(`\r\x1b[K${what} ${bar(done, of)} ${done} of ${of}`),
    end: () => void stream.write('\r\x1b[K'),
  }
}

const barCharacters = 24
function bar(done: number, of: number): string {
  const full = of === 0 ? barCharacters : Math.min(barCharacters, Math.round((done / of) * barCharacters))
  return '█'.repeat(full) + '░'.repeat(barCharacters - full)
}

const couldNotGoOn = 2

async function main(): Promise<void> {
  const line = progressLine(process.stderr)
  try {
    const { text, exitCode } = await reseal(process.env, line.show)
    line.end()
    process.stdout.write(text)
    process.exitCode = exitCode
  } catch (error) {
    line.end()
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = couldNotGoOn
  }
}

if (import.meta.main) await main()
