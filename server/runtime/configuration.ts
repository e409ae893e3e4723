import { isIP } from 'node:net'
import { z } from 'zod'
import { isNetwork } from './client-address.ts'
import { isLoopback } from './peer.ts'
import { shownAddress } from './shown-address.ts'
import { StartupError } from './startup-error.ts'

/** The variables a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a variable may hold. Each message completes the sentence "PAYMENT_PORT must be …". */
export const variable = {
  /** @param port where none is given; 0 lets the system choose */
  port: (port: number) =>
    z
      .string()
      .regex(/^[0-9]{1,5}$/, 'a whole number from 0 to 65535')
      .transform(Number)
      .refine((number) => number <= 65_535, 'a whole number from 0 to 65535')
      .default(port),
  path: (path: string) => z.string().default(path),
  optionalPath: () => z.string().optional(),
  text: (text: string) => z.string().default(text),
  /** What a browser calls an origin: `https://pay.example`, or plain http on this machine. */
  origin: () =>
    z
      .string()
      .refine(isSecureOrigin, 'an origin such as https://pay.example, without a path; http only for localhost')
      .optional(),
  /** The origin that passkeys are made for. WebAuthn L3 §5.1.2: a relying party's id is a domain, and an IP address is none. */
  passkeyOrigin: () =>
    variable
      .origin()
      .refine(
        (origin) => origin === undefined || !hasAddressForName(origin),
        'an origin with a name such as https://pay.example: passkeys are made for names, and not for addresses',
      ),
  /** The address of another room, as `overHttp` takes it. */
  roomAddress: (url: string) =>
    z
      .string()
      .refine(isRoomAddress, 'a URL that starts with https:, or with http: and an address of this machine')
      .default(url),
  /** Addresses and CIDR blocks; none where none are given. */
  networks: () =>
    z
      .string()
      .default('')
      .transform((text) => (text === '' ? [] : text.split(',').map((network) => network.trim())))
      .refine((networks) => networks.every(isNetwork), 'addresses or CIDR blocks with commas between them'),
  isWanted: () =>
    z
      .enum(['true', 'false'], 'true or false')
      .transform((text) => text === 'true')
      .optional(),
  /** RFC 8292 §2.1 */
  contact: () =>
    z
      .string()
      .regex(
        /^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/,
        'an address such as mailto:help@pay.example or https://pay.example/help',
      )
      .optional(),
  databaseUrl: () =>
    z
      .string()
      .regex(/^(sqlite:.|postgres(ql)?:\/\/.)/, 'a database address that starts with sqlite: or postgres://')
      .optional(),
} as const

const isSecureOrigin = (text: string): boolean => isRoomAddress(text) && new URL(text).origin === text

function isRoomAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

const hasAddressForName = (origin: string): boolean => isIP(new URL(origin).hostname.replace(/^\[|\]$/g, '')) !== 0

/**
 * Reads the variables of `shape`; an empty one counts as absent.
 * @param ownPrefixes variables that start like this are ours, so one that is not in `shape` is a slip of the pen
 * @throws {StartupError} that names the variable, what it must be and what it is, but for a password
 */
export function readVariables<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
  ownPrefixes: readonly string[],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const stray = Object.keys(given).find(
    (name) => !Object.hasOwn(shape, name) && ownPrefixes.some((prefix) => name.startsWith(prefix)),
  )
  if (stray !== undefined) {
    throw new StartupError(`There is no variable ${stray}; those there are: ${Object.keys(shape).sort().join(', ')}.`)
  }
  const read = z.object(shape).safeParse(given)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const name = String(issue?.path[0])
  throw new StartupError(`${name} must be ${issue?.message}, and is ${shownValue(given[name] ?? '')}.`)
}

const shownCharactersMax = 100

/** In quotes, so that white space shows. What a variable holds may be an address with a password where none belongs. */
const shownValue = (text: string): string => JSON.stringify(shownAddress(text).slice(0, shownCharactersMax))
