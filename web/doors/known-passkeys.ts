import type { IDBPDatabase } from 'idb'
import { type MonikerDatabase, openDevice } from './device.ts'

/** Which passkeys of a name somebody has seen on this device, so that one that came from elsewhere can be told. */
export interface KnownPasskeysDoor {
  /** @returns null where the device does not remember the name, or knew it before it took note of passkeys */
  of(username: string): Promise<readonly string[] | null>
  keep(username: string, credentialIds: readonly string[]): Promise<void>
}

/** Kept with the name, and forgotten with it. */
export function knownPasskeysDoor(): KnownPasskeysDoor {
  let opened: Promise<IDBPDatabase<MonikerDatabase>> | undefined
  const database = () => {
    opened ??= openDevice(() => {
      opened = undefined
    })
    return opened
  }
  return {
    async of(username) {
      try {
        return (await (await database()).get('names', username))?.knownPasskeys ?? null
      } catch {
        return null
      }
    },
    async keep(username, knownPasskeys) {
      try {
        const { store, done } = (await database()).transaction('names', 'readwrite')
        const name = await store.get(username)
        if (name) await store.put({ ...name, knownPasskeys })
        await done
      } catch {
        // As with everything the device remembers: where it keeps nothing, everything else works.
      }
    },
  }
}
