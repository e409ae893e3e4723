import './require-node.mjs'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { liveUntilStopped } from './live-until-stopped.ts'
import { assertPortsAreFree, assertWritable } from './prepare.ts'
import { StartupError } from './runtime/startup-error.ts'
import { placeOf, readWishes, roomNames } from './settings.ts'

/**
 * Both sides reload on a change: Vite serves the pages at the wallet's address and passes `/api` on to the rooms, which Node
 * starts again. The wallet's origin is Vite's, so that passkeys made while developing stay good.
 */
await liveUntilStopped(async () => {
  const wishes = readWishes(process.env)
  const walletPort = wishes.ports.payment
  const roomPort = walletPort + 1
  if (walletPort === 0 || roomPort > 65_535) {
    throw new StartupError(
      'PAYMENT_PORT must be a whole number from 1 to 65534 here: the rooms take the port after it.',
    )
  }
  await assertWritable(wishes.variables.DATA_DIRECTORY)
  // Each watcher outlives what it watches, so that what an operator must mend is found before there is one.
  const places = roomNames.map((name) => placeOf(wishes, name))
  await assertPortsAreFree([...places, { ...placeOf(wishes, 'payment'), port: roomPort }])
  return startBoth(walletPort, roomPort)
})

function startBoth(walletPort: number, roomPort: number) {
  const env = {
    ...process.env,
    PAYMENT_PORT: `${roomPort}`,
    PAYMENT_ORIGIN: `http://pay.localhost:${walletPort}`,
    WEB_DIRECTORY: 'web',
  }
  // By path, not by import: styles and scripts that a room reads from the disk are part of it too.
  const watched = ['server', 'shared'].map((folder) => `--watch-path=${folder}`)
  const rooms = start(process.execPath, [...watched, '--watch-preserve-output', 'server/main.ts'], env)
  const pages = start('vite', ['--port', `${walletPort}`, '--strictPort', '--host', '127.0.0.1'], env)
  const both = [rooms, pages]
  return {
    async end(): Promise<void> {
      await Promise.all(both.map((side) => side.stop()))
    },
    broken: Promise.race(both.map((side) => side.died)),
  }
}

function start(command: string, options: readonly string[], env: NodeJS.ProcessEnv) {
  // A group of its own: a Ctrl-C reaches this process alone, which then stops both.
  const child = spawn(command, options, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  const exited = exitOf(child)
  return {
    died: exited.then((how): never => {
      throw new StartupError(`${command} ended without being asked to (${how}).`)
    }),
    async stop(): Promise<void> {
      child.kill('SIGINT')
      await exited
    },
  }
}

async function exitOf(child: ChildProcess): Promise<string> {
  const [code, signal] = await once(child, 'close')
  return String(code ?? signal)
}
