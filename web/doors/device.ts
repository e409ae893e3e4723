import type { DBSchema, IDBPDatabase } from 'idb'
import type { CardFace } from '../../shared/card.ts'
import type { CardId } from '../../shared/identifiers.ts'

/** What this device remembers of a name: enough to pay with one tap, and nothing that is worth stealing. */
export type RememberedName = {
  readonly username: string
  readonly display: string
  readonly credentialIds: readonly string[]
  readonly cards: readonly { readonly id: CardId; readonly face: CardFace }[]
  readonly lastUsedMs: number
}

export interface DeviceMemory {
  /** Last used first. */
  names(): Promise<RememberedName[]>
  remember(name: RememberedName): Promise<void>
  forget(username: string): Promise<void>
}

interface MonikerDatabase extends DBSchema {
  names: { key: string; value: RememberedName }
}

async function open(): Promise<IDBPDatabase<MonikerDatabase>> {
  const { openDB } = await import('idb')
  return openDB<MonikerDatabase>('moniker', 1, {
    upgrade: (db) => {
      db.createObjectStore('names', { keyPath: 'username' })
    },
  })
}

/** Memory is a convenience: where the browser keeps none (private windows, full disks), everything works without. */
export function deviceMemory(): DeviceMemory {
  let opened: Promise<IDBPDatabase<MonikerDatabase>> | undefined
  const database = () => {
    opened ??= open()
    return opened
  }
  return {
    async names() {
      try {
        const names = await (await database()).getAll('names')
        return names.sort((left, right) => right.lastUsedMs - left.lastUsedMs)
      } catch {
        return []
      }
    },
    async remember(name) {
      await database()
        .then((db) => db.put('names', name))
        .catch(() => undefined)
    },
    async forget(username) {
      await database()
        .then((db) => db.delete('names', username))
        .catch(() => undefined)
    },
  }
}
