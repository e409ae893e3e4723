import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApart } from '../../server/apart.ts'
import { openHouse } from '../../server/house.ts'
import type { Environment } from '../../server/runtime/configuration.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import { billSchema } from '../../shared/wire/payment-api.ts'
import {
  type Arrangement,
  arrangements,
  type Directory,
  environmentIn,
  makeDirectory,
  type Rooms,
  startRooms,
} from './rooms-process.ts'

const timeout = 60_000
const url = (port: number, path: string, host = '127.0.0.1') => `http://${host}:${port}${path}`

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
const keysUnder = async (path: string): Promise<Record<string, string>> => {
  const paths = (await filesUnder(path)).filter((file) => /\/(keys|public)\/|api-key$/.test(file))
  return Object.fromEntries(await Promise.all(paths.map(async (file) => [file, await readFile(file, 'utf8')])))
}

/** @returns the order's page, whose address the bill tells */
async function orderOneCoffee(rooms: Rooms): Promise<string> {
  const body = new URLSearchParams({ drink: 'espresso' })
  const answer = await fetch(url(rooms.portOf('shop'), '/orders'), { method: 'POST', body, redirect: 'manual' })
  const [payment] = /pay_[\w-]+$/.exec(answer.headers.get('location') ?? '') ?? []
  const bill = await fetch(url(rooms.portOf('pay'), `/api/payments/${payment}`))
  return `/orders/${billSchema.parse(await bill.json()).reference}`
}

describe.each(arrangements)('the rooms %s', { timeout }, (arrangement) => {
  let directory: Directory
  let rooms: Rooms
  beforeAll(async () => {
    directory = await makeDirectory()
    rooms = startRooms(directory, {}, arrangement)
    await rooms.ready()
  }, timeout)
  afterAll(async () => {
    rooms.signal('SIGTERM')
    await rooms.ended
    await directory.remove()
  }, timeout)

  it('print addresses that answer, over IPv4 and IPv6', async () => {
    for (const name of ['shop', 'pay', 'bank'] as const) {
      for (const host of ['127.0.0.1', '[::1]']) {
        expect((await fetch(url(rooms.portOf(name), '/', host))).status).toBe(200)
      }
    }
  })

  it('keep keys, databases and logs to their owner', async () => {
    const files = await filesUnder(directory.data)
    expect(Object.keys(await keysUnder(directory.data)).length).toBeGreaterThan(9)
    for (const file of files) expect({ file, mode: (await stat(file)).mode & 0o077 }).toEqual({ file, mode: 0 })
  })

  it('say on the terminal when the number of payments that need attention changes', async () => {
    const sqlite = new BetterSqlite3(join(directory.data, 'payment/payment.db'))
    const warned = rooms.says('  1 payment needs attention: GET /healthz ')
    for (const about of ['held', 'captured']) {
      sqlite.prepare("insert into difference values ('pay_1.1', 'pay_1', ?, '1.00 EUR', '0.00 EUR', 1)").run(about)
    }
    await warned
    const relieved = rooms.says('  No payment needs attention any more.\n')
    sqlite.exec('delete from difference')
    await relieved
    sqlite.close()

    const log = arrangement === 'apart' ? 'payment/log.jsonl' : 'log.jsonl'
    const lines = (await readFile(join(directory.data, log), 'utf8')).split('\n')
    const counts = lines.flatMap((line) => /"count":([0-9]+),"msg":"payments-needing-attention"/.exec(line)?.[1] ?? [])
    expect(counts).toEqual(['1', '0'])
  })

  it('finish with 0 when told to stop, and have kept orders and keys at the next start', async () => {
    const page = await orderOneCoffee(rooms)
    const keys = await keysUnder(directory.data)
    rooms.signal('SIGINT')
    const { code, said, complained } = await rooms.ended
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expect(said.match(/^ {4}4[0-9]{3} .*/gm)).toHaveLength(3)

    const ports = {
      BANK_PORT: String(rooms.portOf('bank')),
      PAYMENT_PORT: String(rooms.portOf('pay')),
      SHOP_PORT: String(rooms.portOf('shop')),
    }
    rooms = startRooms(directory, ports, arrangement)
    await rooms.ready()
    const order = await fetch(url(rooms.portOf('shop'), page))
    expect(await order.text()).toContain('data-state="waiting"')
    expect(await keysUnder(directory.data)).toEqual(keys)
  })
})

describe('rooms that cannot start', { timeout }, () => {
  let directory: Directory
  beforeAll(async () => {
    directory = await makeDirectory()
  })
  afterAll(() => directory.remove())

  it.each(arrangements)('say why in one sentence, without a password, and end with 1 (%s)', async (arrangement) => {
    const BANK_DATABASE_URL = 'postgres://bank:hunter2@127.0.0.1:1/bank'
    expect(await startRooms(directory, { BANK_DATABASE_URL }, arrangement).ended).toEqual({
      code: 1,
      said: '',
      complained: 'The database postgres://…@127.0.0.1:1/bank cannot be opened: connect ECONNREFUSED 127.0.0.1:1.\n',
    })
  })

  const house = { together: openHouse, apart: startApart }
  const open = (arrangement: Arrangement, variables: Environment) =>
    house[arrangement]({ ...environmentIn(directory), ...variables })

  describe.each(arrangements)('%s', (arrangement) => {
    it.each(['BANK_PORT', 'PAYMENT_PORT', 'SHOP_PORT'])('name %s where another program has its port', async (name) => {
      const other = createServer().listen(0, '::1')
      await once(other, 'listening')
      const address = other.address()
      const port = typeof address === 'object' && address !== null ? String(address.port) : ''
      await expect(open(arrangement, { [name]: port })).rejects.toThrow(
        new StartupError(`Port ${port} is in use: stop the program that has it, or set ${name} to another port.`),
      )
      other.close()
    })

    it('name the directory that nothing can be written to', async () => {
      const DATA_DIRECTORY = join(import.meta.filename, 'data')
      await expect(open(arrangement, { DATA_DIRECTORY })).rejects.toThrow(
        new StartupError(
          `Nothing can be written to ${DATA_DIRECTORY}: make it writable, or set DATA_DIRECTORY to a directory that is.`,
        ),
      )
    })

    it('keep no data where the pages are, which everybody may read', async () => {
      const DATA_DIRECTORY = join(directory.web, 'data')
      await expect(open(arrangement, { DATA_DIRECTORY })).rejects.toThrow(
        new StartupError(
          `What is in ${directory.web} is shown to everybody, so the data must not be there: set DATA_DIRECTORY or WEB_DIRECTORY to another one.`,
        ),
      )
    })

    it('say how the pages are built', async () => {
      const WEB_DIRECTORY = join(directory.path, 'none')
      await expect(open(arrangement, { WEB_DIRECTORY })).rejects.toThrow(
        new StartupError(`There are no built pages in ${WEB_DIRECTORY}: run npm run build, or set WEB_DIRECTORY.`),
      )
    })

    it('name the variable that is wrong', async () => {
      await expect(open(arrangement, { BANK_PORT: 'abc' })).rejects.toThrow(
        new StartupError('BANK_PORT must be a whole number from 0 to 65535, and is "abc".'),
      )
    })
  })
})

it('ends with 1 and a sentence when one of the rooms apart is lost', { timeout }, async () => {
  const directory = await makeDirectory()
  const rooms = startRooms(directory, {}, 'apart')
  await rooms.ready()
  const [bank] = (await readFile(`/proc/${rooms.pid}/task/${rooms.pid}/children`, 'utf8')).split(' ').map(Number)
  process.kill(bank ?? 0, 'SIGKILL')
  const { code, complained } = await rooms.ended
  expect({ code, complained }).toEqual({
    code: 1,
    complained: 'The bank room ended without being asked to (SIGKILL).\n',
  })
  await directory.remove()
})

it('waits for a request in flight when told to stop, but not when told again', { timeout }, async () => {
  const directory = await makeDirectory()
  const rooms = startRooms(directory, {}, 'together')
  await rooms.ready()
  const half = connect(rooms.portOf('shop'), '127.0.0.1')
  half.on('error', () => {}) // the end of the process resets it
  half.write('POST /orders HTTP/1.1\r\nhost: shop\r\nexpect: 100-continue\r\ncontent-length: 9\r\n')
  half.write('content-type: application/x-www-form-urlencoded\r\n\r\n')
  await once(half, 'data') // the shop has begun to read
  const telling = setInterval(() => rooms.signal('SIGINT'), 100)
  expect((await rooms.ended).code).toBe(130)
  clearInterval(telling)
  await directory.remove()
})
