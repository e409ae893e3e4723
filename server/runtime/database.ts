import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import {
  type Dialect,
  Kysely,
  PostgresDialect,
  SqliteDialect,
  SqliteQueryCompiler,
  sql,
  type Transaction,
} from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { shownAddress } from './shown-address.ts'
import { StartupError } from './startup-error.ts'

export type Engine = 'sqlite' | 'postgres'
/** What a room's migrations are: named in order, written for both engines. */
export type Migrations = (engine: Engine) => Record<string, Migration>
export type Database<Tables> = {
  readonly db: Kysely<Tables>
  readonly engine: Engine
  /**
   * Runs `work` in one transaction, again from the start where the engine says that it lost a race. `work` may
   * therefore run more than once: it touches nothing but the transaction.
   */
  inTransaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The way to the database at an address. */
export type Disk = (url: string) => Dialect

/**
 * Opens a room's own database and brings its tables up to date.
 * @param url `sqlite:data/bank/bank.db`, `sqlite::memory:` or `postgres://user:password@host/database`
 * @throws {StartupError} where it cannot be opened
 */
export const openDatabase = <Tables>(
  url: string,
  migrations: Migrations,
  disk: Disk = diskOfThisMachine,
): Promise<Database<Tables>> => open(url, disk, (db: Kysely<Tables>) => migrate(db, migrations(engineOf(url))))

/**
 * Opens a database that a room has made, perhaps while that room runs, and leaves its tables as they are.
 * @throws {StartupError} where there is none, or one that is not of this version
 */
export const openExistingDatabase = <Tables>(
  url: string,
  migrations: Migrations,
  disk: Disk = existingDiskOfThisMachine,
): Promise<Database<Tables>> =>
  open(url, disk, async (db: Kysely<Tables>) => {
    const known = await migratorOf(db, migrations(engineOf(url))).getMigrations()
    if (known.every(({ executedAt }) => executedAt !== undefined)) return
    throw new StartupError(`The database ${shownAddress(url)} is not of this version: start its room first.`)
  })

async function open<Tables>(
  url: string,
  disk: Disk,
  prepare: (db: Kysely<Tables>) => Promise<void>,
): Promise<Database<Tables>> {
  const engine = engineOf(url)
  const db = new Kysely<Tables>({ dialect: disk(url) })
  try {
    await prepare(db)
  } catch (cause) {
    await db.destroy()
    if (cause instanceof StartupError) throw cause
    throw new StartupError(`The database ${shownAddress(url)} cannot be opened: ${reasonOf(cause)}.`, { cause })
  }
  return { db, engine, inTransaction: (work) => inTransaction(db, work), close: () => db.destroy() }
}

function engineOf(url: string): Engine {
  if (url.startsWith('sqlite:')) return 'sqlite'
  if (/^postgres(ql)?:\/\//.test(url)) return 'postgres'
  throw new StartupError(`A database address starts with sqlite: or postgres://, and "${shownAddress(url)}" does not.`)
}

const diskOfThisMachine: Disk = (url) =>
  engineOf(url) === 'sqlite' ? sqliteDialect(url, makeSqlite) : postgresDialect(url)

const existingDiskOfThisMachine: Disk = (url) =>
  engineOf(url) === 'sqlite' ? sqliteDialect(url, openSqlite) : postgresDialect(url)

/** In the engine's own words, which name the user and the database but never the password. */
function reasonOf(cause: unknown): string {
  // Node tries every address of a host, and tells of all failures at once in an error that has no words of its own.
  const [first] = cause instanceof AggregateError ? cause.errors : [cause]
  return first instanceof Error ? first.message : String(first)
}

function sqliteDialect(url: string, openAt: (path: string) => BetterSqlite3.Database): SqliteDialect {
  const path = url.slice('sqlite:'.length)
  return new PreparedSqliteDialect({ database: async () => withPreparedStatements(openAt(path)) })
}

/** Kysely's, with queries that SQLite plans once. */
export class PreparedSqliteDialect extends SqliteDialect {
  override createQueryCompiler(): SqliteQueryCompiler {
    return new PlannedOnceCompiler()
  }
}

/**
 * SQLite may plan a query for the values it is asked with: where a column equals a bare parameter, a prepared join is compiled
 * anew at every use. An expression promises no value, so that the plan stays. See SQLite's Query Planner Stability Guarantee.
 */
class PlannedOnceCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?'
  }
}

function makeSqlite(path: string): BetterSqlite3.Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return openSqlite(path, false)
}

function openSqlite(path: string, fileMustExist = true): BetterSqlite3.Database {
  const sqlite = new BetterSqlite3(path, { fileMustExist })
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL') // an acknowledged payment survives a power cut
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('busy_timeout = 5000')
  sqlite.pragma('recursive_triggers = ON') // without it `replace` deletes the row it replaces past the triggers that forbid it
  return sqlite
}

const preparedStatementsMax = 500

/** Kysely prepares anew at each query; the same text is the same statement, so it is kept. */
function withPreparedStatements(sqlite: BetterSqlite3.Database) {
  const prepared = new Map<string, BetterSqlite3.Statement>()
  return {
    close: () => sqlite.close(),
    prepare(sql: string): BetterSqlite3.Statement {
      const known = prepared.get(sql)
      if (known !== undefined) return known
      const statement = sqlite.prepare(sql)
      if (prepared.size < preparedStatementsMax) prepared.set(sql, statement)
      return statement
    },
  }
}

const int8TypeId = 20

/** A server that takes a connection and then says nothing is as good as away: whoever waits for it is told so. */
const connectsWithinMs = 10_000

class ImpatientClient extends pg.Client {
  constructor(options?: pg.ClientConfig) {
    super({ ...options, connectionTimeoutMillis: connectsWithinMs })
  }
}

function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: 16,
    Client: ImpatientClient, // the pool's own limit would also end the wait of those in line while all connections are busy
    options: '-c synchronous_commit=on',
    types: {
      // pg hands int8 out as text; our columns hold safe integers only.
      getTypeParser: (typeId: number) => (typeId === int8TypeId ? Number : pg.types.getTypeParser(typeId, 'text')),
    },
  })
  // A connection that breaks is replaced at the next query, and whoever was using it learns of it from theirs. Without a listener
  // it would end the process: the pool listens to idle connections only, and between two queries of a transaction nobody does.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new PostgresDialect({ pool })
}

const migratorOf = <Tables>(db: Kysely<Tables>, migrations: Record<string, Migration>): Migrator =>
  new Migrator({ db, provider: { getMigrations: async () => migrations } })

async function migrate<Tables>(db: Kysely<Tables>, migrations: Record<string, Migration>): Promise<void> {
  if (await isUpToDate(db, migrations)) return
  const { error } = await migratorOf(db, migrations).migrateToLatest()
  if (error !== undefined) throw error
}

/**
 * One read tells what is so at nearly every start: the migrator would look at every table, and make servers that start at once wait
 * in line.
 */
async function isUpToDate<Tables>(db: Kysely<Tables>, migrations: Record<string, Migration>): Promise<boolean> {
  const executed = sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const { rows } = await executed.catch((error: unknown) => {
    if (isMissingTable(error)) return { rows: [] }
    throw error
  })
  const names = rows.map(({ name }) => name)
  return isDeepStrictEqual(names, Object.keys(migrations).toSorted())
}

const isMissingTable = (error: unknown): boolean => ['42P01', 'SQLITE_ERROR'].includes(errorCode(error))

const lostRaces = new Set(['40001', '40P01', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'])
const attemptsMax = 10

async function inTransaction<Tables, T>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt >= attemptsMax || !lostRaces.has(errorCode(error))) throw error
    }
  }
}

/** Two rows wanted to be the same one: SQLite's and PostgreSQL's words for it. */
export const isUniqueViolation = (error: unknown): boolean =>
  ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(errorCode(error))

const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
