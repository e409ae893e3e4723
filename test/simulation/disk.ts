import type { CompiledQuery, DatabaseConnection, Driver } from 'kysely'
import { type Disk, PreparedSqliteDialect } from '../../server/runtime/database.ts'
import type { Incarnation, Surroundings } from './machine.ts'
import type { Connection } from './storage.ts'

/** As long as a room's own connections wait for another process to finish its transaction. */
const busyForMs = 5_000

/**
 * Real SQLite, on which every operation is an event that may fail, may fail to say that it succeeded, or may be the room's last.
 * @param connections where every connection is kept, so that it breaks when the room dies
 */
export function simulatedDisk(
  surroundings: Surroundings,
  incarnation: Incarnation,
  connections: Set<Connection>,
): Disk {
  return (url) => {
    const file = url.slice('sqlite:'.length)
    const opened = surroundings.storage.connect(file)
    connections.add(opened)
    const dialect = new PreparedSqliteDialect({ database: opened })
    const real = dialect.createDriver()
    return {
      createAdapter: () => dialect.createAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createDriver: () =>
        faultyDriver(real, (connection) => faultyConnection({ surroundings, incarnation, file, opened, connection })),
    }
  }
}

function faultyDriver(real: Driver, faulty: (connection: DatabaseConnection) => DatabaseConnection): Driver {
  let connection: DatabaseConnection | null = null
  return {
    init: () => real.init(),
    async acquireConnection() {
      connection ??= faulty(await real.acquireConnection())
      return connection
    },
    beginTransaction: (on, settings) => real.beginTransaction(on, settings),
    commitTransaction: (on) => real.commitTransaction(on),
    rollbackTransaction: (on) => real.rollbackTransaction(on),
    releaseConnection: (on) => real.releaseConnection(on),
    destroy: () => real.destroy(),
  }
}

type Connected = {
  readonly surroundings: Surroundings
  readonly incarnation: Incarnation
  readonly file: string
  readonly opened: Connection
  readonly connection: DatabaseConnection
}

function faultyConnection({ surroundings, incarnation, file, opened, connection }: Connected): DatabaseConnection {
  const { scheduler, dice, faults, plant } = surroundings
  let statementsSinceBegin = 0

  async function perform<R>(query: CompiledQuery) {
    const { sql } = query
    // SQLite has rolled back by itself where it says that a commit failed.
    if (sql === 'rollback' && !opened.isInTransaction()) return { rows: [] }
    if (sql !== 'rollback' && dice.chance(faults.disk)) throw fails(`fails at ${summaryOf(sql)}`)
    const result = await connection.executeQuery<R>(query)
    statementsSinceBegin = sql === 'begin' ? 0 : statementsSinceBegin + 1
    if (opened.isInTransaction() || !(sql === 'commit' || isWrite(sql))) return result
    surroundings.onCommit(file)
    if (dice.chance(faults.commitUnknown)) throw fails(`does not say that it did ${summaryOf(sql)}`)
    return result
  }

  function fails(how: string): Error {
    incarnation.excuse()
    scheduler.note(`${incarnation.name} disk of ${file} ${how}`)
    return Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
  }

  /** SQLite waits for another writer where the transaction has not read yet, and refuses at once where it has. */
  const isWorthWaiting = (error: unknown): boolean =>
    isBusy(error) && (!opened.isInTransaction() || statementsSinceBegin === 0)

  async function executeQuery<R>(asked: CompiledQuery) {
    const query = plant.sql === undefined ? asked : { ...asked, sql: plant.sql(file, asked.sql) }
    const label = `${file} ${summaryOf(query.sql)}`
    const untilMs = scheduler.clock.nowMs() + busyForMs
    for (;;) {
      try {
        return await incarnation.reach(label, dangerOf(query.sql), () => perform<R>(query))
      } catch (error) {
        if (!isWorthWaiting(error) || scheduler.clock.nowMs() >= untilMs) throw error
        await scheduler.sleep(1)
      }
    }
  }

  return { executeQuery, streamQuery: (query, size) => connection.streamQuery(query, size) }
}

const isBusy = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'

const isWrite = (sql: string): boolean => /^(insert|update|delete)/.test(sql)

/** What a room reads is lost with it anyway: it dies more often where something would be left behind. */
function dangerOf(sql: string): number {
  if (sql === 'commit') return 6
  return isWrite(sql) ? 3 : 0.3
}

/** `update "payment"`: enough to read a trace by. Queries are few, and asked often. */
function summaryOf(text: string): string {
  const summary = summaries.get(text) ?? summaryIn(text)
  summaries.set(text, summary)
  return summary
}
const summaries = new Map<string, string>()

const summaryIn = (text: string): string =>
  /^(\w+)(?:.*?(?:from|into|update) "(\w+)")?/s
    .exec(text.startsWith('update') ? `update ${text}` : text)
    ?.slice(1)
    .join(' ')
    .trim() ?? text
