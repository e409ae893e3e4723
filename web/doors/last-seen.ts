import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { ActivityEntry, Card, Spending } from '../../shared/wire/payment-api.ts'

/** What a wallet showed last, for when there is no network: no key, no link, nothing that could pay. */
export type LastSeen = {
  readonly username: string
  readonly cards: readonly Pick<Card, 'id' | 'face' | 'bank' | 'nickname' | 'isFrozen'>[]
  readonly payments: readonly ActivityEntry[]
  readonly spent: Spending['spent']
  readonly seenAtMs: number
}

export interface LastSeenDoor {
  /** Null until all of it was seen. */
  of(username: string): Promise<LastSeen | null>
  /** Takes the place of what was kept of that; the rest stays. */
  keep(username: string, part: Partial<Sights>): Promise<void>
  forget(username: string): Promise<void>
  /** Drops what is kept of anybody whom the device does not remember any more. */
  forgetAllBut(usernames: readonly string[]): Promise<void>
}

type Sights = Omit<LastSeen, 'username'>

interface WalletDatabase extends DBSchema {
  seen: { key: string; value: { username: string } & Partial<Sights> }
}

/** A database of its own, so that who pays a bill never waits for it. Where the browser keeps none, everything else works. */
export function lastSeenDoor(): LastSeenDoor {
  let opened: Promise<IDBPDatabase<WalletDatabase>> | undefined
  function database(): Promise<IDBPDatabase<WalletDatabase>> {
    opened ??= openDB<WalletDatabase>('moniker-wallet', 1, {
      upgrade: (db) => {
        db.createObjectStore('seen', { keyPath: 'username' })
      },
      // A phone takes the database away from pages that it puts to sleep: whoever wakes up asks for it again.
      terminated: () => {
        opened = undefined
      },
    })
    return opened
  }
  const quietly = async <T>(act: (db: IDBPDatabase<WalletDatabase>) => Promise<T>): Promise<T | null> => {
    try {
      return await act(await database())
    } catch {
      return null
    }
  }
  return {
    async of(username) {
      const { cards, payments, spent, seenAtMs } = (await quietly((db) => db.get('seen', username))) ?? {}
      if (!cards || !payments || !spent || seenAtMs === undefined) return null
      // Kept by an app that knew of no bank. No new version of the database for that: a page of before would be in its way.
      if (cards.some(({ bank }) => bank === undefined)) return null
      return { username, cards, payments, spent, seenAtMs }
    },
    async keep(username, part) {
      await quietly(async (db) => {
        const { store, done } = db.transaction('seen', 'readwrite')
        await store.put({ ...(await store.get(username)), ...part, username })
        await done
      })
    },
    forget: async (username) => {
      await quietly((db) => db.delete('seen', username))
    },
    forgetAllBut: async (usernames) => {
      await quietly(async (db) => {
        const kept = await db.getAllKeys('seen')
        for (const username of kept) if (!usernames.includes(username)) await db.delete('seen', username)
      })
    },
  }
}
