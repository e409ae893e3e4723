import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const readySchema = z.object({
  payment: z.object({ origin: z.string(), port: z.int(), rpId: z.string() }),
  bank: z.object({ port: z.int() }),
  merchant: z.object({ name: z.string(), origin: z.string(), apiKey: z.string() }),
})
/** Where the rooms are, and a merchant's key to them. */
export type RoomsReady = z.output<typeof readySchema>
const cpuSchema = z.object({ user: z.int(), system: z.int() })

const program = fileURLToPath(new URL('./rooms-process.ts', import.meta.url))

/**
 * Starts both rooms in one process, over an empty directory.
 * @param variables such as `BANK_DATABASE_URL`; without them SQLite files
 * @param profileDirectory where a CPU profile of the process is left when it ends; null for none
 */
export async function startRooms(variables: Record<string, string>, profileDirectory: string | null) {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-bench-'))
  const child = fork(program, {
    env: { ...process.env, ...variables, DATA_DIRECTORY: directory },
    execArgv: profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
  })
  const ended = once(child, 'exit')
  const remove = () => rm(directory, { recursive: true, force: true })
  const ready = await messageFrom(child, ended).then(readySchema.parse, async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    ...ready,
    /** CPU time of the process so far, all its threads, in µs. */
    async cpuMicros(): Promise<number> {
      child.send('cpu')
      const { user, system } = cpuSchema.parse(await messageFrom(child, ended))
      return user + system
    },
    async stop(): Promise<void> {
      child.disconnect()
      await ended
      await remove()
    },
  }
}
export type Rooms = Awaited<ReturnType<typeof startRooms>>

async function messageFrom(child: ChildProcess, ended: Promise<unknown[]>): Promise<unknown> {
  const died = ended.then(([code]) => {
    throw new Error(`the rooms ended with ${String(code)}`)
  })
  const [message] = await Promise.race([once(child, 'message'), died])
  return message
}
