import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type PublicKey, pinnedKeysFile, writePublicKeys } from './runtime/keys.ts'
import { StartupError } from './runtime/startup-error.ts'

/** What a room tells its neighbours: the keys that its messages are checked with, and those that cards are sealed to. */
export type PublicKeys = { readonly signing: readonly PublicKey[]; readonly sealing: readonly PublicKey[] }

const fileOf = (directory: string, use: keyof PublicKeys) => join(directory, `${use}.json`)

export async function publishKeys(directory: string, keys: PublicKeys): Promise<void> {
  try {
    await writePublicKeys(fileOf(directory, 'signing'), [...keys.signing])
    if (keys.sealing.length > 0) await writePublicKeys(fileOf(directory, 'sealing'), [...keys.sealing])
  } catch (cause) {
    throw new StartupError(`The public keys cannot be written to ${directory}: make it writable.`, { cause })
  }
}

/** Takes away what a room told when it started before, so that whoever starts with it waits for what it tells now. */
export async function withdrawKeys(directory: string): Promise<void> {
  for (const use of ['signing', 'sealing'] as const) await rm(fileOf(directory, use), { force: true })
}

const waitMs = 30_000
const restMs = 100

/**
 * Pins a neighbour's keys. Rooms that run apart may start at once, so a file that is not there yet is waited for.
 * @throws {StartupError} after half a minute
 */
export async function pinnedKeys(directory: string, use: keyof PublicKeys): Promise<PublicKey[]> {
  const path = fileOf(directory, use)
  for (let waitedMs = 0; ; waitedMs += restMs) {
    try {
      return await pinnedKeysFile(path)
    } catch (cause) {
      if (waitedMs >= waitMs) {
        throw new StartupError(`${path} did not appear: start the room whose public keys it holds, or copy it there.`, {
          cause,
        })
      }
      await setTimeout(restMs)
    }
  }
}
