import { randomUUID } from 'node:crypto'
import { mkdirSync, openSync, writeSync } from 'node:fs'
import { access, mkdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DestinationStream } from 'pino'
import { base64url } from '../shared/bytes.ts'
import { textSecretFile } from './runtime/keys.ts'
import { jsonLog } from './runtime/log.ts'
import { type Clock, systemClock, systemRandom, type Tools } from './runtime/room.ts'
import { listen, type Place } from './runtime/serve.ts'
import { StartupError } from './runtime/startup-error.ts'
import type { RoomName } from './settings.ts'

/**
 * Finds out now, and not at the first payment.
 * @param remedy what an operator can do besides making it writable
 * @throws {StartupError}
 */
export async function assertWritable(
  directory: string,
  remedy = 'or set DATA_DIRECTORY to a directory that is',
): Promise<void> {
  const probe = join(directory, `.probe-${randomUUID()}`)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(probe, '')
    await unlink(probe)
  } catch (cause) {
    throw new StartupError(`Nothing can be written to ${directory}: make it writable, ${remedy}.`, { cause })
  }
}

/** Takes each port and gives it back. @throws {StartupError} that names the first one which cannot be had */
export async function assertPortsAreFree(places: readonly Place[]): Promise<void> {
  for (const [index, place] of places.entries()) {
    const other = places.slice(0, index).find(({ port }) => port !== 0 && port === place.port)
    if (other !== undefined) throw samePort(other, place)
    await (await listen(place)).close()
  }
}

const samePort = (one: Place, other: Place): StartupError =>
  new StartupError(
    `Port ${one.port} would be of both ${one.portVariable} and ${other.portVariable}: give each a port of its own.`,
  )

/** @throws {StartupError} */
export async function assertPagesAreBuilt(webDirectory: string): Promise<void> {
  await access(join(webDirectory, 'index.html')).catch((cause: unknown) => {
    throw new StartupError(`There are no built pages in ${webDirectory}: run npm run build, or set WEB_DIRECTORY.`, {
      cause,
    })
  })
}

/** What the shop proves itself with to the merchant API: 256 random bits, made by whichever of the two reads the file first. */
export const shopApiKey = (path: string): Promise<string> =>
  textSecretFile(path, () => `key_${base64url(systemRandom(32))}`)

/** What a room's operator shows it to read what is nobody else's business: 256 random bits. @throws {StartupError} */
export const operatorToken = (keyDirectory: string): Promise<string> =>
  textSecretFile(operatorTokenFile(keyDirectory), () => `operator_${base64url(systemRandom(32))}`)

export const operatorTokenFile = (keyDirectory: string): string => join(keyDirectory, 'operator-token')

/**
 * What a room is given in a process of its own or in the house.
 * @param logFile `-` is standard output
 * @throws {StartupError}
 */
export function toolsFor(logFile: string, clock: Clock = systemClock): (room: RoomName) => Tools {
  const destination = logFile === '-' ? undefined : appendingTo(logFile)
  // Where the log goes to standard output, a program reads it, and a sentence between its lines would be in the way.
  const terminal = destination === undefined ? {} : { tell }
  return (room) => ({ clock, random: systemRandom, log: jsonLog(room, destination), ...terminal })
}

const tell = (sentence: string): void => {
  process.stdout.write(`  ${sentence}\n`)
}

function appendingTo(path: string): DestinationStream {
  const file = openLog(path)
  return {
    write(line) {
      try {
        writeSync(file, line)
      } catch {
        // A payment does not fail because its log line could not be kept.
      }
    },
  }
}

function openLog(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new StartupError(`The log ${path} cannot be written: set LOG_FILE to a file that can, or to - .`, { cause })
  }
}
