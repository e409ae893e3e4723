import { isAbsolute, join, relative, sep } from 'node:path'
import { type Environment, readVariables, variable } from './runtime/configuration.ts'
import { isLoopback } from './runtime/peer.ts'
import type { Place } from './runtime/serve.ts'
import { StartupError } from './runtime/startup-error.ts'

export const roomNames = ['bank', 'payment', 'shop'] as const
export type RoomName = (typeof roomNames)[number]
export type Ports = Readonly<Record<RoomName, number>>

/** Everything an operator may set, with its default. README lists the same. */
const shape = {
  PAYMENT_PORT: variable.port(4410),
  SHOP_PORT: variable.port(4420),
  BANK_PORT: variable.port(4430),
  /** `localhost`, or in a container the address that its ports are published from. */
  LISTEN_HOST: variable.text('localhost'),
  /** The reverse proxies, such as one that ends TLS, whose `X-Forwarded-For` says who is asking. Rate limits count by that. */
  TRUSTED_PROXIES: variable.networks(),
  PAYMENT_ORIGIN: variable.passkeyOrigin(),
  SHOP_ORIGIN: variable.origin(),
  BANK_ORIGIN: variable.origin(),
  /** Test cards, and pages and an API that issue cards and show the ledger to anybody: by default only where nobody else can ask. */
  BANK_IS_SIMULATOR: variable.isWanted(),
  /** Whom push services write to where something is wrong with our messages. */
  PAYMENT_CONTACT: variable.contact(),
  DATA_DIRECTORY: variable.path('data'),
  /** The built pages of `web/`. */
  WEB_DIRECTORY: variable.path('dist/web'),
  PAYMENT_DATABASE_URL: variable.databaseUrl(),
  /** A third party may keep the card records (patent claim 8). */
  CARD_DATABASE_URL: variable.databaseUrl(),
  BANK_DATABASE_URL: variable.databaseUrl(),
  SHOP_DATABASE_URL: variable.databaseUrl(),
  /** Where rooms that run apart find each other. */
  BANK_URL: variable.roomAddress('http://127.0.0.1:4430'),
  PAYMENT_URL: variable.roomAddress('http://127.0.0.1:4410'),
  /** Where a room that runs apart puts its public keys, and where its neighbour reads them. */
  BANK_PUBLIC_DIRECTORY: variable.optionalPath(),
  PAYMENT_PUBLIC_DIRECTORY: variable.optionalPath(),
  /** The shop's key to the merchant API: the shop and the payment server read the same file. */
  SHOP_API_KEY_FILE: variable.optionalPath(),
  /** Where the log goes, one JSON object a line. The name `-` is standard output. */
  LOG_FILE: variable.optionalPath(),
}
const ownPrefixes = ['PAYMENT_', 'CARD_', 'BANK_', 'SHOP_']

type Variables = ReturnType<typeof readVariables<typeof shape>>

/** What the operator wants, as far as it is known before ports are taken. */
export type Wishes = { readonly variables: Variables; readonly ports: Ports }

/** @throws {StartupError} that names the variable which is wrong */
export function readWishes(environment: Environment): Wishes {
  const variables = readVariables(shape, environment, ownPrefixes)
  assertIsNotShown(variables)
  return {
    variables,
    ports: { bank: variables.BANK_PORT, payment: variables.PAYMENT_PORT, shop: variables.SHOP_PORT },
  }
}

/** All that is in the directory of the pages is a page: keys and databases in it would be, too. */
function assertIsNotShown({ DATA_DIRECTORY, WEB_DIRECTORY }: Variables): void {
  const way = relative(WEB_DIRECTORY, DATA_DIRECTORY)
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return
  throw new StartupError(
    `What is in ${WEB_DIRECTORY} is shown to everybody, so the data must not be there: set DATA_DIRECTORY or WEB_DIRECTORY to another one.`,
  )
}

export const isOurVariable = (name: string): boolean => Object.hasOwn(shape, name)

const portVariables = { bank: 'BANK_PORT', payment: 'PAYMENT_PORT', shop: 'SHOP_PORT' } as const

/** Where a room listens, and whose word about who is asking it takes. */
export const placeOf = ({ variables, ports }: Wishes, name: RoomName): Place => ({
  port: ports[name],
  hostname: variables.LISTEN_HOST,
  portVariable: portVariables[name],
  trustedProxies: variables.TRUSTED_PROXIES,
})

export type Settings = ReturnType<typeof settingsOf>

/** @param ports those really taken: the default origins hold them */
export function settingsOf({ variables }: Wishes, ports: Ports) {
  const directory = (room: RoomName) => join(variables.DATA_DIRECTORY, room)
  const bankOrigin = variables.BANK_ORIGIN ?? `http://bank.localhost:${ports.bank}`
  const paymentOrigin = variables.PAYMENT_ORIGIN ?? `http://pay.localhost:${ports.payment}`
  const sqlite = (room: RoomName, name: string) => `sqlite:${join(directory(room), `${name}.db`)}`
  return {
    bank: {
      name: 'Harbour Bank',
      origin: bankOrigin,
      isSimulator: variables.BANK_IS_SIMULATOR ?? isLoopback(new URL(bankOrigin).hostname),
      url: variables.BANK_URL,
      keyDirectory: join(directory('bank'), 'keys'),
      publicDirectory: variables.BANK_PUBLIC_DIRECTORY ?? join(directory('bank'), 'public'),
      databaseUrl: variables.BANK_DATABASE_URL ?? sqlite('bank', 'bank'),
    },
    payment: {
      origin: paymentOrigin,
      // Never taken from a request: whoever sends one writes its Host header. WebAuthn L3 §5.1.2
      relyingParty: { id: new URL(paymentOrigin).hostname, name: 'Moniker', origins: [paymentOrigin] },
      url: variables.PAYMENT_URL,
      ...(variables.PAYMENT_CONTACT && { contact: variables.PAYMENT_CONTACT }),
      keyDirectory: join(directory('payment'), 'keys'),
      publicDirectory: variables.PAYMENT_PUBLIC_DIRECTORY ?? join(directory('payment'), 'public'),
      databaseUrl: variables.PAYMENT_DATABASE_URL ?? sqlite('payment', 'payment'),
      cardDatabaseUrl: variables.CARD_DATABASE_URL ?? sqlite('payment', 'cards'),
      webDirectory: variables.WEB_DIRECTORY,
    },
    shop: {
      name: 'Bluebird Coffee',
      origin: variables.SHOP_ORIGIN ?? `http://shop.localhost:${ports.shop}`,
      apiKeyFile: variables.SHOP_API_KEY_FILE ?? join(directory('shop'), 'api-key'),
      databaseUrl: variables.SHOP_DATABASE_URL ?? sqlite('shop', 'shop'),
    },
  }
}

/** What the world sees of the rooms, and every arrangement of them tells. */
export type Addresses = Readonly<Record<RoomName, string>>

export const addressesOf = ({ bank, payment, shop }: Settings): Addresses => ({
  bank: bank.origin,
  payment: payment.origin,
  shop: shop.origin,
})
