import './require-node.mjs'
import { parseArgs } from 'node:util'
import { Problem } from '../shared/problem.ts'
import { keyModes, keyScopes } from '../shared/wire/merchant-api.ts'
import { type Asked, dateOf, type MerchantActs, oneOf } from './merchant-act.ts'
import { peopleActs } from './merchant-people.ts'
import { webhookActs } from './merchant-webhooks.ts'
import { existingAtRestKeysIn, type MerchantDesk, openMerchantDesk } from './payment/room.ts'
import type { Environment } from './runtime/configuration.ts'
import { silentLog } from './runtime/log.ts'
import { isLoopback } from './runtime/peer.ts'
import { systemClock, systemRandom } from './runtime/room.ts'
import { StartupError } from './runtime/startup-error.ts'
import { readWishes, settingsOf } from './settings.ts'
import { isolated, tableOf } from './table.ts'

const usage = `npm run merchant -- create NAME ORIGIN        a merchant and its first API key, shown once
                    list
                    show MERCHANT
                    rename MERCHANT NAME
                    key create MERCHANT [--mode test|live] [--scope read|payments|full] [--name NAME]
                    key list MERCHANT
                    key revoke KEY
                    invite MERCHANT [--role owner|staff|viewer] [--name NAME]    a link to its console, good once and for a day
                    person list MERCHANT
                    person remove PERSON
                    webhook create MERCHANT URL [--mode test|live]
                    webhook list MERCHANT
                    webhook disable WEBHOOK       and enable
                    webhook rotate WEBHOOK        new keys; those of before sign too for a day
`

const acts: MerchantActs = {
  create: { words: 2, act: create },
  list: { words: 0, act: list },
  show: { words: 1, act: async ({ desk, words: [id = ''] }) => `${await show(desk, id)}${await keysOf(desk, id)}` },
  rename: { words: 2, act: rename },
  'key create': { words: 1, act: createKey },
  'key list': { words: 1, act: ({ desk, words: [id = ''] }) => keysOf(desk, id) },
  'key revoke': { words: 1, act: revokeKey },
  ...peopleActs,
  ...webhookActs,
}

/**
 * `npm run merchant`: merchants, their people, their API keys and their webhooks, on the payment server's database, while it runs; with the variables that the payment
 * server was started with.
 * @returns what to print
 * @throws {StartupError} where it cannot be done
 */
export async function merchant(args: readonly string[], environment: Environment): Promise<string> {
  const wishes = readWishes(environment)
  const { payment, bank } = settingsOf(wishes, wishes.ports)
  const { values: options, words } = read(args)
  const name = words.slice(0, isGroup(words[0]) ? 2 : 1).join(' ')
  const asked = Object.hasOwn(acts, name) ? acts[name] : undefined
  const rest = words.slice(name.split(' ').length)
  if (asked === undefined || rest.length !== asked.words) throw new StartupError(usage)
  const desk = await openMerchantDesk(payment.databaseUrl, {
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  })
  const webhooks = async () =>
    desk.webhooks(await existingAtRestKeysIn(payment.keyDirectory), isLoopback(new URL(payment.origin).hostname))
  try {
    return await asked.act({
      ...{ desk, webhooks, options, words: rest, origin: payment.origin },
      usualMode: bank.isSimulator ? 'test' : 'live',
    })
  } catch (cause) {
    throw cause instanceof Problem ? new StartupError(cause.message, { cause }) : cause
  } finally {
    await desk.close()
  }
}

/** Acts are named by one word, or by what they are about and one word. */
const isGroup = (word: string | undefined): boolean => Object.keys(acts).some((name) => name.startsWith(`${word} `))

function read(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const
    const options = { mode: text, scope: text, name: text, role: text }
    const { values, positionals: words } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { values, words }
  } catch (cause) {
    throw new StartupError(usage, { cause })
  }
}

async function create({ desk, words: [name = '', origin = ''], usualMode }: Asked): Promise<string> {
  const id = await desk.merchants.create(name, origin)
  const { secret } = await desk.apiKeys.issue(id, { mode: usualMode, scope: 'full', name: 'First' })
  return `${await show(desk, id)}${shownOnce(secret)}`
}

async function list({ desk }: Asked): Promise<string> {
  const merchants = await desk.merchants.list()
  return tableOf([
    ['Merchant', 'Origin', 'Name'],
    ...merchants.map(({ id, origin, name }) => [id, origin, isolated(name)] as const),
  ])
}

async function rename({ desk, words: [id = '', name = ''] }: Asked): Promise<string> {
  const merchant = await desk.merchants.get(id)
  await desk.merchants.rename(merchant.id, name)
  return show(desk, id)
}

async function createKey({ desk, words: [id = ''], options, usualMode }: Asked): Promise<string> {
  const merchant = await desk.merchants.get(id)
  const asked = {
    mode: oneOf(keyModes, options.mode ?? usualMode),
    scope: oneOf(keyScopes, options.scope ?? 'full'),
    name: options.name ?? 'Unnamed',
  }
  if (!/^[\x20-\x7e]{1,40}$/.test(asked.name)) throw new StartupError('A key’s name is 1 to 40 plain characters.')
  const { id: key, secret } = await desk.apiKeys.issue(merchant.id, asked)
  return `${key}\n${shownOnce(secret)}`
}

async function revokeKey({ desk, words: [id = ''] }: Asked): Promise<string> {
  if (await desk.apiKeys.revoke(id)) return `${id} is revoked.\n`
  throw new StartupError(`There is no key ${id} that is not revoked yet.`)
}

async function show({ merchants }: MerchantDesk, id: string): Promise<string> {
  const { name, origin, createdAtMs } = await merchants.get(id)
  return tableOf([
    ['Merchant', id],
    ['Name', isolated(name)],
    ['Origin', origin],
    ['Created', dateOf(createdAtMs)],
  ])
}

async function keysOf({ merchants, apiKeys }: MerchantDesk, id: string): Promise<string> {
  const keys = await apiKeys.list((await merchants.get(id)).id)
  const rows = keys.map(({ id: key, mode, scope, last4, usedAtMs, revokedAtMs, name }) => {
    const used = usedAtMs === null ? 'never used' : `used ${dateOf(usedAtMs)}`
    const state = revokedAtMs === null ? used : `revoked ${dateOf(revokedAtMs)}`
    return [key, mode, scope, `…${last4}`, state, name] as const
  })
  return tableOf([['Key', 'Mode', 'Scope', 'Ends in', 'State', 'Name'], ...rows])
}

const shownOnce = (secret: string): string => `API key   ${secret}\nIt is shown this once and kept nowhere.\n`

const couldNotDoIt = 2

async function main(): Promise<void> {
  try {
    process.stdout.write(await merchant(process.argv.slice(2), process.env))
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`${error.message.trimEnd()}\n`)
    process.exitCode = couldNotDoIt
  }
}

if (import.meta.main) await main()
