import type { DBSchema, IDBPDatabase } from 'idb'
import type { CardFace } from '../../shared/card.ts'
import type { CardId } from '../../shared/identifiers.ts'
import { deviceStorage } from './device-storage.ts'

/** What this device remembers of a name: enough to pay with one tap, and nothing that is worth stealing. */
export type RememberedName = {
  readonly username: string
  readonly display: string
  readonly credentialIds: readonly string[]
  readonly cards: readonly { readonly id: CardId; readonly face: CardFace }[]
  readonly lastUsedMs: number
  /** Ids of the passkeys that somebody has seen in the wallet on this device, or that were there when it was here first. */
  readonly knownPasskeys?: readonly string[]
}

export interface DeviceMemory {
  /** Last used first. */
  names(): Promise<RememberedName[]>
  /** What is remembered of its passkeys already, stays: see `known-passkeys.ts`. */
  remember(name: RememberedName): Promise<void>
  forget(username: string): Promise<void>
}

export interface MonikerDatabase extends DBSchema {
  names: { key: string; value: RememberedName }
}

const databaseName = 'moniker'

/** @param taken the browser took the database away, as phones do from pages that they put to sleep: it has to be opened anew */
export async function openDevice(taken: () => void): Promise<IDBPDatabase<MonikerDatabase>> {
  const { openDB } = await import('idb')
  return openDB<MonikerDatabase>(databaseName, 1, {
    upgrade: (db) => {
      db.createObjectStore('names', { keyPath: 'username' })
    },
    terminated: taken,
  })
}

/** Who is here for the first time waits for no library, and has nothing kept. Firefox before version 126 cannot say: then it is opened to see. */
async function isDeviceEmpty(): Promise<boolean> {
  const databases = await indexedDB.databases?.()
  return databases !== undefined && !databases.some(({ name }) => name === databaseName)
}

/** Memory is a convenience: where the browser keeps none (private windows, full disks), everything works without. */
export function deviceMemory(): DeviceMemory {
  let opened: Promise<IDBPDatabase<MonikerDatabase>> | undefined
  const database = () => {
    opened ??= openDevice(() => {
      opened = undefined
    })
    return opened
  }
  return {
    async names() {
      try {
        if (opened === undefined && (await isDeviceEmpty())) return []
        const names = await (await database()).getAll('names')
        return names.sort((left, right) => right.lastUsedMs - left.lastUsedMs)
      } catch {
        return []
      }
    },
    async remember(name) {
      try {
        const { store, done } = (await database()).transaction('names', 'readwrite')
        const { knownPasskeys = name.knownPasskeys } = (await store.get(name.username)) ?? {}
        await store.put(knownPasskeys ? { ...name, knownPasskeys } : name)
        await done
      } catch {}
    },
    async forget(username) {
      try {
        const { store, done } = (await database()).transaction('names', 'readwrite')
        const { credentialIds = [] } = (await store.get(username)) ?? {}
        await store.delete(username)
        await done
        ;(await import('./payment-passkeys.ts')).forgetPaymentPasskeys(deviceStorage(), credentialIds)
      } catch {}
    },
  }
}
