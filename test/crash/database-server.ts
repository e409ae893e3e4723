import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'
import { isRunning, postgresUrl, postmasterOf } from '../support/postgres-server.ts'
import { within } from './within.ts'

const program = fileURLToPath(new URL('./database-process.ts', import.meta.url))
const attemptsMax = 40
const restMs = 250

/** A PostgreSQL that can be killed with all of its processes, and started again over the same data. */
export async function databaseServer(directory: string) {
  const port = await freePort()
  let running = await started()

  /** What a killed server leaves of its shared memory may keep the next one from starting for some seconds. */
  async function started(): Promise<{ readonly process: ChildProcess; readonly ended: Promise<unknown> }> {
    let complaint = ''
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const server = spawn(process.execPath, [program, directory, `${port}`], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      server.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaint = text
      })
      const ended = once(server, 'exit')
      const ready = once(server, 'message').then(() => true)
      const isReady = await within('PostgreSQL to start', Promise.race([ready, ended.then(() => false)]))
      if (isReady) return { process: server, ended }
      await setTimeout(restMs)
    }
    throw new Error(`PostgreSQL did not start: ${complaint}`)
  }

  return {
    url: postgresUrl(port),
    /**
     * All at once, as by a power cut but for what the kernel still holds. The postmaster is halted before its children are counted:
     * one that it made in between would live on without it, wait for ever for the others, and keep the data from the next server.
     */
    async kill(): Promise<void> {
      const postmaster = postmasterOf(directory)
      const doomed = postmaster === null ? [] : [postmaster, ...(await haltedChildrenOf(postmaster))]
      running.process.kill('SIGKILL')
      for (const id of doomed) signal(id, 'SIGKILL')
      await running.ended
      for (let attempt = 1; doomed.some(isRunning) && attempt <= attemptsMax; attempt += 1)
        await setTimeout(restMs / 10)
    },
    async startAgain(): Promise<void> {
      running = await started()
    },
    async stop(): Promise<void> {
      // Nothing is left to stop where it was killed and could not be started again.
      if (running.process.connected) running.process.disconnect()
      await within('PostgreSQL to stop', running.ended)
    },
  }
}
export type DatabaseServer = Awaited<ReturnType<typeof databaseServer>>

async function haltedChildrenOf(parent: number): Promise<number[]> {
  signal(parent, 'SIGSTOP')
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=', '-o', 'ppid='])
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.flatMap(([id, of]) => (of === parent && id !== undefined ? [id] : []))
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name)
  } catch {
    // It has ended in between.
  }
}
