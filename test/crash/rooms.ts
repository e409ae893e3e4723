import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { fromAddress } from './from-address.ts'
import { within } from './within.ts'

/** The rooms that are killed. */
export type RoomName = 'bank' | 'payment' | 'shop'
export type DatabaseUrls = Readonly<Record<'payment' | 'cards' | 'bank' | 'shop', string>>

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const programs = {
  bank: pathOf('../../server/run-bank.ts'),
  payment: pathOf('../../server/run-payment.ts'),
  shop: pathOf('../../server/run-shop.ts'),
} as const satisfies Record<RoomName, string>
const later = new URL('./later.ts', import.meta.url).href

/** Payment server, bank and example shop as `npm run apart` starts them, each in a process that can be killed and started again. */
export async function roomsApart(directory: string, databases: DatabaseUrls) {
  const ports = { bank: await freePort(), payment: await freePort(), shop: await freePort() }
  const shopOrigin = `http://shop.localhost:${ports.shop}`
  const webDirectory = join(directory, 'web')
  await mkdir(webDirectory)
  await writeFile(join(webDirectory, 'index.html'), '<!doctype html><title>Pages</title>')
  const apiKeyFile = join(directory, 'api-key')
  const environment = {
    PATH: process.env.PATH,
    LISTEN_HOST: '127.0.0.1',
    DATA_DIRECTORY: directory,
    WEB_DIRECTORY: webDirectory,
    SHOP_ORIGIN: shopOrigin,
    SHOP_API_KEY_FILE: apiKeyFile,
    BANK_PORT: `${ports.bank}`,
    PAYMENT_PORT: `${ports.payment}`,
    PAYMENT_URL: `http://127.0.0.1:${ports.payment}`,
    SHOP_PORT: `${ports.shop}`,
    BANK_URL: `http://127.0.0.1:${ports.bank}`,
    BANK_DATABASE_URL: databases.bank,
    PAYMENT_DATABASE_URL: databases.payment,
    CARD_DATABASE_URL: databases.cards,
    SHOP_DATABASE_URL: databases.shop,
  }
  const logOf = (name: RoomName) => join(directory, `${name}.jsonl`)
  const running = new Map<RoomName, Process>()
  /** What ended without being killed, and what it said last: no crash of a neighbour may take a room with it. */
  const deaths: string[] = []

  function start(name: RoomName, laterByMs: number): Process {
    const child = spawn(process.execPath, ['--import', later, programs[name]], {
      env: { ...environment, LOG_FILE: logOf(name), LATER_BY_MS: `${laterByMs}` },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    return processOf(child, (complaint) => deaths.push(`the ${name} room ended by itself: ${complaint}`))
  }

  return {
    ports,
    deaths,
    logOf,
    payOrigin: `http://pay.localhost:${ports.payment}`,
    bankOrigin: `http://bank.localhost:${ports.bank}`,
    shopOrigin,
    apiKey: async () => (await readFile(apiKeyFile, 'utf8')).trim(),

    /** @param laterByMs how far their clocks are ahead */
    async start(names: readonly RoomName[], laterByMs = 0): Promise<void> {
      for (const name of names) running.set(name, start(name, laterByMs))
      await Promise.all(names.map((name) => within(`the ${name} room to start`, running.get(name)?.ready)))
    },
    /** Whether the shop knows by what to tell a webhook from rubbish. Until then it asks for everything to be told again. */
    async canShopHear(): Promise<boolean> {
      const headers = { 'content-type': 'application/json' }
      const rubbish = new Request(`${shopOrigin}/webhooks`, { method: 'POST', headers, body: '{}' })
      return (await fromAddress('127.0.0.1', ports.shop)(rubbish)).status === 400
    },
    async kill(names: readonly RoomName[]): Promise<void> {
      await Promise.all(names.map((name) => running.get(name)?.end('SIGKILL')))
    },
    /** Lets them finish what is in flight. */
    async stop(names: readonly RoomName[] = ['shop', 'payment', 'bank']): Promise<void> {
      for (const name of names) await within(`the ${name} room to end`, running.get(name)?.end('SIGTERM'))
    },
  }
}
export type Rooms = Awaited<ReturnType<typeof roomsApart>>

type Process = { readonly ready: Promise<unknown>; end(signal: NodeJS.Signals): Promise<void> }

const complaintCharactersMax = 2_000

function processOf(child: ChildProcess, onDeath: (complaint: string) => void): Process {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-complaintCharactersMax)
  })
  let isEnding = false
  const ended = once(child, 'close').then(() => {
    if (!isEnding) onDeath(complaint.trim())
  })
  const died = ended.then(() => Promise.reject(new Error(`a room did not start: ${complaint.trim()}`)))
  died.catch(() => {}) // whoever waits for it to be ready hears of it
  return {
    ready: Promise.race([once(child, 'message'), died]),
    async end(signal) {
      isEnding = true
      child.kill(signal)
      await ended
    },
  }
}
