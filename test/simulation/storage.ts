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
  /** Whether a transaction was begun, and has not ended. */
  isInTransaction(): boolean
  /** As the real one does, the same text is prepared once: that costs more than running it. */
  prepare(sql: string): Statement
  /** Breaks: what was not committed is gone. */
  close(): void
}
type Statement = Pick<BetterSqlite3.Statement, 'reader' | 'run' | 'all' | 'iterate'>

/** The databases of a run. What is committed stays: processes crash here, and not the file system under them. */
export type Storage = {
  connect(file: string): Connection
  remove(): void
}

/** Where runs get their databases from, one run at a time. */
export type Storages = {
  /**
   * @param shared databases that several processes open: files, with SQLite's own locks between the connections. The others have one
   * process at a time, and are kept in memory: it is the same SQLite, without what a file costs.
   * @param directory for the files; made and removed
   */
  open(shared: readonly DatabaseFile[], directory: string): Storage
}

/** Databases in memory are made once, and after each run are what they were before it. */
export function openStorages(images: Images): Storages {
  const inMemory = new Map(databaseFiles.map((file) => [file as string, restorable(memoryOf(images[file]))]))
  return {
    open(shared, directory) {
      mkdirSync(directory, { recursive: true })
      for (const file of shared) writeFileSync(join(directory, file), images[file])
      const restored = databaseFiles.flatMap((file) => (shared.includes(file) ? [] : (inMemory.get(file) ?? [])))
      for (const { begin } of restored) begin()
      return {
        connect(file) {
          const isShared = databaseFiles.some((one) => one === file && shared.includes(one))
          const kept = isShared ? undefined : inMemory.get(file)
          return kept === undefined ? connectionTo(fileAt(join(directory, file))) : kept.connection
        },
        remove() {
          for (const { restore } of restored) restore()
          rmSync(directory, { recursive: true, force: true })
        },
      }
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
  const prepared = new Map<string, Statement>()
  sqlite.pragma('foreign_keys = ON')
  return {
    sqlite,
    isInTransaction: () => sqlite.inTransaction,
    prepare(sql) {
      const statement = prepared.get(sql) ?? sqlite.prepare(sql)
      prepared.set(sql, statement)
      return statement
    },
    close: () => sqlite.close(),
  }
}

/** A connection that stays for the next process and the next run. */
type Restorable = { readonly connection: Connection; begin(): void; restore(): void }

/**
 * A whole run is one transaction that is rolled back at its end, and the transactions of rooms are savepoints in it. The schema never
 * changes, so that what was prepared for one run serves all of them.
 */
function restorable(sqlite: BetterSqlite3.Database): Restorable {
  const real = connectionTo(sqlite)
  let isInTransaction = false
  const does = (isBeginning: boolean, ...steps: readonly string[]): Statement => {
    const statements = steps.map((step) => sqlite.prepare(step))
    const run = () => {
      for (const statement of statements) statement.run()
      isInTransaction = isBeginning
      return { changes: 0, lastInsertRowid: 0 }
    }
    return { reader: false, run, all: () => [], iterate: () => [][Symbol.iterator]() }
  }
  const rollback = does(false, 'rollback to room', 'release room')
  const transactions = new Map([
    ['begin', does(true, 'savepoint room')],
    ['commit', does(false, 'release room')],
    ['rollback', rollback],
  ])
  return {
    connection: {
      sqlite,
      isInTransaction: () => isInTransaction,
      prepare: (sql) => transactions.get(sql) ?? real.prepare(sql),
      close() {
        // Of a process that is gone, nothing is left that was not committed.
        if (isInTransaction) rollback.run()
      },
    },
    begin: () => sqlite.exec('begin'),
    restore() {
      isInTransaction = false
      sqlite.exec('rollback')
    },
  }
}
