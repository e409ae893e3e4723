import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** The address of the run's server, set by `postgres-server.ts` or, for a server of one's own, by whoever starts the tests. */
export const postgresUrlVariable = 'MONIKER_TEST_POSTGRES_URL'

/**
 * A new, empty database on the run's one PostgreSQL. It disappears with the server.
 * @returns `postgres://…`, as `openDatabase` takes it
 * @throws {Error} in a test file whose project has no PostgreSQL (see `test/vitest.config.ts`)
 */
export async function freshPostgresUrl(): Promise<string> {
  const serverUrl = process.env[postgresUrlVariable]
  if (serverUrl === undefined) {
    throw new Error(
      'This test needs PostgreSQL: run it with --config test/vitest.config.ts, in a project that starts one.',
    )
  }
  const name = `test_${randomBytes(8).toString('hex')}`
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    // template0 lets nobody in, so that databases made at the same time do not wait for each other's connections.
    await client.query(`create database ${name} template template0`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
