import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'

export const databaseFiles = ['payment.db', 'cards.db', 'bank.db'] as const
export type DatabaseFile = (typeof databaseFiles)[number]
/** A database as it is on disk. */
export type Images = Readonly<Record<DatabaseFile, Buffer>>

/** One process's connection to one database. */
export type Connection = {
  readonly sqlite: BetterSqlite3.Database
  /** As the real one does, the same text is prepared once: that costs more than running it. */
  prepare(sql: string): BetterSqlite3.Statement
  /** Breaks: what was not committed is gone. */
  close(): void
}

/** The databases of a run. What is committed stays: processes crash here, and not the file system under them. */
export type Storage = {
  connect(file: string): Connection
  remove(): void
}

/**
 * @param shared databases that several processes open: files, with SQLite's own locks between the connections. The others have one
 * process at a time, and are kept in memory: it is the same SQLite, without what a file costs.
 * @param directory for the files; made and removed
 */
export function openStorage(images: Images, shared: readonly DatabaseFile[], directory: string): Storage {
  mkdirSync(directory, { recursive: true })
  for (const file of shared) writeFileSync(join(directory, file), images[file])
  const inMemory = new Map<string, Connection>()
  for (const file of databaseFiles) if (!shared.includes(file)) inMemory.set(file, connectionTo(memoryOf(images[file])))

  return {
    connect(file) {
      const kept = inMemory.get(file)
      return kept === undefined ? connectionTo(fileAt(join(directory, file))) : borrowed(kept)
    },
    remove() {
      for (const connection of inMemory.values()) connection.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function fileAt(path: string): BetterSqlite3.Database {
  const sqlite = new BetterSqlite3(path, { timeout: 0 })
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = OFF')
  return sqlite
}

/** Bytes 18 and 19 of a database say that there is a write-ahead log beside it, which memory has not (SQLite file format §1.3.3). */
const memoryOf = (image: Buffer): BetterSqlite3.Database => new BetterSqlite3(Buffer.from(image).fill(1, 18, 20))

function connectionTo(sqlite: BetterSqlite3.Database): Connection {
  const prepared = new Map<string, BetterSqlite3.Statement>()
  sqlite.pragma('foreign_keys = ON')
  return {
    sqlite,
    prepare(sql) {
      const statement = prepared.get(sql) ?? sqlite.prepare(sql)
      prepared.set(sql, statement)
      return statement
    },
    close: () => sqlite.close(),
  }
}

/** The connection stays for the next process; of this one's, nothing is left that was not committed. */
const borrowed = (kept: Connection): Connection => ({
  ...kept,
  close() {
    if (kept.sqlite.inTransaction) kept.sqlite.exec('rollback')
  },
})
