import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { House } from './house.ts'
import { assertPagesAreBuilt, assertWritable } from './prepare.ts'
import { withdrawKeys } from './public-keys.ts'
import type { Environment } from './runtime/configuration.ts'
import { isLoopback } from './runtime/peer.ts'
import { listen } from './runtime/serve.ts'
import { StartupError } from './runtime/startup-error.ts'
import {
  addressesOf,
  isOurVariable,
  type Ports,
  placeOf,
  type RoomName,
  readWishes,
  roomNames,
  type Settings,
  settingsOf,
  type Wishes,
} from './settings.ts'

/**
 * Every room in a process of its own, with its own database and keys, wired by loopback addresses.
 * @throws {StartupError} what an operator can mend, in the words of the room that met it
 */
export async function startApart(environment: Environment): Promise<House> {
  const wishes = readWishes(environment)
  const neighbour = neighbourHost(wishes.variables.LISTEN_HOST)
  await assertPagesAreBuilt(wishes.variables.WEB_DIRECTORY)
  await assertWritable(wishes.variables.DATA_DIRECTORY)
  const ports = await freePorts(wishes)
  const settings = settingsOf(wishes, ports)
  for (const { publicDirectory } of [settings.bank, settings.payment]) await withdrawKeys(publicDirectory)
  const environments = environmentsOf(wishes, settings, ports, neighbour, environment)
  const rooms = roomNames.map((name) => startRoom(name, environments[name]))
  const end = async () => {
    for (const room of rooms.toReversed()) await room.stop()
  }
  const broken = Promise.race(rooms.map((room) => room.died))
  broken.catch(() => {}) // whoever lives by this house hears of it; until then it must not end the process
  try {
    await Promise.race([Promise.all(rooms.map((room) => room.ready)), broken])
    return { addresses: addressesOf(settings), end, broken }
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * Where the rooms find each other. Between processes plain http is for loopback only, and nobody here ends TLS for them.
 * @throws {StartupError} where they would listen at an address that is not loopback, and nowhere else
 */
function neighbourHost(listenHost: string): string {
  if (['localhost', '0.0.0.0', '::'].includes(listenHost)) return '127.0.0.1'
  const host = listenHost.includes(':') ? `[${listenHost}]` : listenHost
  if (isLoopback(host)) return host
  throw new StartupError(
    'LISTEN_HOST must be localhost, a loopback address, 0.0.0.0 or :: where the rooms run apart: they find each other by loopback.',
  )
}

/** A room's address is told to its neighbours before it starts, so where the system may choose a port it chooses now. */
async function freePorts(wishes: Wishes): Promise<Ports> {
  const free = async (name: RoomName): Promise<number> => {
    const door = await listen(placeOf(wishes, name))
    await door.close()
    return door.port
  }
  return { bank: await free('bank'), payment: await free('payment'), shop: await free('shop') }
}

/** Each room is told what it needs and nothing more: another room's database or keys are none of its business. */
function environmentsOf(
  { variables }: Wishes,
  settings: Settings,
  ports: Ports,
  neighbour: string,
  environment: Environment,
) {
  const { bank, payment, shop } = settings
  const everyRoom = (name: RoomName): Environment => ({
    ...Object.fromEntries(Object.entries(environment).filter(([variable]) => !isOurVariable(variable))),
    LISTEN_HOST: variables.LISTEN_HOST,
    TRUSTED_PROXIES: variables.TRUSTED_PROXIES.join(','),
    DATA_DIRECTORY: variables.DATA_DIRECTORY,
    LOG_FILE: join(variables.DATA_DIRECTORY, name, 'log.jsonl'),
    BANK_ORIGIN: bank.origin,
    PAYMENT_ORIGIN: payment.origin,
    SHOP_ORIGIN: shop.origin,
  })
  const publicKeys = {
    BANK_PUBLIC_DIRECTORY: bank.publicDirectory,
    PAYMENT_PUBLIC_DIRECTORY: payment.publicDirectory,
  }
  return {
    bank: {
      ...everyRoom('bank'),
      ...publicKeys,
      BANK_PORT: `${ports.bank}`,
      BANK_DATABASE_URL: bank.databaseUrl,
      BANK_IS_SIMULATOR: `${bank.isSimulator}`,
    },
    payment: {
      ...everyRoom('payment'),
      ...publicKeys,
      PAYMENT_PORT: `${ports.payment}`,
      PAYMENT_DATABASE_URL: payment.databaseUrl,
      CARD_DATABASE_URL: payment.cardDatabaseUrl,
      PAYMENT_CONTACT: variables.PAYMENT_CONTACT,
      WEB_DIRECTORY: payment.webDirectory,
      SHOP_API_KEY_FILE: shop.apiKeyFile,
      BANK_URL: `http://${neighbour}:${ports.bank}`,
    },
    shop: {
      ...everyRoom('shop'),
      SHOP_PORT: `${ports.shop}`,
      SHOP_DATABASE_URL: shop.databaseUrl,
      SHOP_API_KEY_FILE: shop.apiKeyFile,
      PAYMENT_URL: `http://${neighbour}:${ports.payment}`,
    },
  } as const satisfies Record<RoomName, Environment>
}

function startRoom(name: RoomName, environment: Environment) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`run-${name}.ts`, import.meta.url))], {
    env: environment,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    // A group of its own: a Ctrl-C reaches the launcher alone, which then stops the rooms in order.
    detached: true,
  })
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-complaintCharactersMax)
  })
  let isStopping = false
  const exited = once(child, 'close')
  return {
    ready: once(child, 'message'),
    died: exited.then(([code, signal]): Promise<never> => {
      if (isStopping) return new Promise(() => {})
      throw new StartupError(complaint.trim() || `The ${name} room ended without being asked to (${code ?? signal}).`)
    }),
    async stop(): Promise<void> {
      isStopping = true
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Of what a room that died wrote to its standard error; the end says most. */
const complaintCharactersMax = 4_000
