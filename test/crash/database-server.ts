import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort, isRunning, postgresUrl, postmasterOf } from '../support/postgres-server.ts'

const program = fileURLToPath(new URL('./database-process.ts', import.meta.url))
const attemptsMax = 40
const restMs = 250

/** A PostgreSQL that can be killed with all of its processes, and started again over the same data. */
export async function databaseServer(directory: string) {
  const port = await freePort()
  let child: ChildProcess = await started()

  /** What a killed server leaves of its shared memory may keep the next one from starting for some seconds. */
  async function started(): Promise<ChildProcess> {
    let complaint = ''
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const server = spawn(process.execPath, [program, directory, `${port}`], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      server.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaint = text
      })
      const isReady = await Promise.race([
        once(server, 'message').then(() => true),
        once(server, 'exit').then(() => false),
      ])
      if (isReady) return server
      await setTimeout(restMs)
    }
    throw new Error(`PostgreSQL did not start: ${complaint}`)
  }

  return {
    url: postgresUrl(port),
    /** All at once, as by a power cut but for what the kernel still holds. */
    async kill(): Promise<void> {
      const postmaster = postmasterOf(directory)
      const others = postmaster === null ? [] : await childrenOf(postmaster)
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      const doomed = postmaster === null ? others : [postmaster, ...others]
      for (const id of doomed) endAtOnce(id)
      await ended
      for (let attempt = 1; doomed.some(isRunning) && attempt <= attemptsMax; attempt += 1)
        await setTimeout(restMs / 10)
    },
    async startAgain(): Promise<void> {
      child = await started()
    },
    async stop(): Promise<void> {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
export type DatabaseServer = Awaited<ReturnType<typeof databaseServer>>

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=', '-o', 'ppid='])
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.flatMap(([id, of]) => (of === parent && id !== undefined ? [id] : []))
}

function endAtOnce(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // It has ended in between.
  }
}
