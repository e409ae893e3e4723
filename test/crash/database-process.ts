/** A PostgreSQL in a process tree of its own, all of which can be killed. Started with a channel; stops when the channel closes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { embeddedPostgres } from '../support/postgres-server.ts'

const [directory = '', port = ''] = process.argv.slice(2)
const log: string[] = []
const postgres = embeddedPostgres(directory, Number(port), { persistent: true, onLog: (line) => log.push(line) })
try {
  if (!existsSync(join(directory, 'PG_VERSION'))) await postgres.initialise()
  await postgres.start()
} catch {
  process.stderr.write(log.slice(-5).join('')) // start() itself rejects with nothing
  process.exit(1)
}
process.once('disconnect', () => void postgres.stop().then(() => process.exit(0)))
process.send?.('ready')
