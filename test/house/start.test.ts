/** What an operator reads before anything runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startApart } from '../../server/apart.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import { type Directory, environmentIn, makeDirectory } from './rooms-process.ts'

let directory: Directory
beforeEach(async () => {
  directory = await makeDirectory()
})
afterEach(() => directory.remove())

/** A program of `server/`, with its own standard error. */
function start(program: string, variables: Record<string, string>) {
  const path = fileURLToPath(new URL(`../../server/${program}`, import.meta.url))
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, ...environmentIn(directory), ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complained = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code, complained }))
  return { signal: (signal: NodeJS.Signals) => child.kill(signal), ended }
}

async function portOfAnotherProgram() {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close: () => other.close() }
}

describe('before the pages are built', () => {
  it('nothing is said where nothing is in the way', async () => {
    expect(await start('preflight.ts', {}).ended).toEqual({ code: 0, complained: '' })
  })

  it.each<[string, string, string]>([
    ['SHOP_PORT', 'abc', 'SHOP_PORT must be a whole number from 0 to 65535, and is "abc".'],
    [
      'BANK_URL',
      'http://bank.example',
      'BANK_URL must be a URL that starts with https:, or with http: and an address of this machine, and is "http://bank.example".',
    ],
    ['LISTEN_HOST', '203.0.113.7', '203.0.113.7 is no address of this machine: set LISTEN_HOST to one that is.'],
    [
      'DATA_DIRECTORY',
      '/dev/null/data',
      'Nothing can be written to /dev/null/data: make it writable, or set DATA_DIRECTORY to a directory that is.',
    ],
  ])('%s=%s is told in one sentence, with exit code 1', async (name, value, sentence) => {
    expect(await start('preflight.ts', { [name]: value }).ended).toEqual({ code: 1, complained: `${sentence}\n` })
  })

  it('a port that is taken is told', async () => {
    const other = await portOfAnotherProgram()
    expect(await start('preflight.ts', { BANK_PORT: `${other.port}` }).ended).toEqual({
      code: 1,
      complained: `Port ${other.port} is in use: stop the program that has it, or set BANK_PORT to another port.\n`,
    })
    other.close()
  })
})

it('a port that two rooms would have is told', async () => {
  expect(await start('preflight.ts', { BANK_PORT: '4444', SHOP_PORT: '4444' }).ended).toEqual({
    code: 1,
    complained: 'Port 4444 would be of both BANK_PORT and SHOP_PORT: give each a port of its own.\n',
  })
})

it('developing needs two ports in a row for the wallet', async () => {
  expect(await start('dev.ts', { PAYMENT_PORT: '65535' }).ended).toEqual({
    code: 1,
    complained: 'PAYMENT_PORT must be a whole number from 1 to 65534 here: the rooms take the port after it.\n',
  })
})

it('rooms apart do not listen where they would not find each other', async () => {
  await expect(startApart({ ...environmentIn(directory), LISTEN_HOST: '203.0.113.7' })).rejects.toThrow(
    new StartupError(
      'LISTEN_HOST must be localhost, a loopback address, 0.0.0.0 or :: where the rooms run apart: they find each other by loopback.',
    ),
  )
})

it('a room that still waits for its neighbour’s keys stops at once, with 0', async () => {
  const other = await portOfAnotherProgram()
  other.close()
  const room = start('run-payment.ts', {
    PAYMENT_PORT: `${other.port}`,
    BANK_PUBLIC_DIRECTORY: join(directory.path, 'none'),
  })
  await expect.poll(() => answers(other.port), { timeout: 20_000 }).toBe(true)
  room.signal('SIGINT')
  expect(await room.ended).toEqual({ code: 0, complained: '' })
})

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
