import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** A place for the rooms' data, and one for the least that can be served as the wallet's pages: what is there is read, and shown to all. */
export async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'moniker-house-'))
  const web = join(path, 'web')
  await mkdir(web)
  await writeFile(join(web, 'index.html'), '<!doctype html><title>Pages</title>')
  return { path, web, data: join(path, 'data'), remove: () => rm(path, { recursive: true }) }
}
export type Directory = Awaited<ReturnType<typeof makeDirectory>>

export const arrangements = ['together', 'apart'] as const
export type Arrangement = (typeof arrangements)[number]

/** On ports that the system chooses. */
export const environmentIn = (directory: Directory) => ({
  BANK_PORT: '0',
  PAYMENT_PORT: '0',
  SHOP_PORT: '0',
  DATA_DIRECTORY: directory.data,
  WEB_DIRECTORY: directory.web,
})

/** Starts the rooms as `npm start` and `npm run apart` do. */
export function startRooms(directory: Directory, variables: Record<string, string>, arrangement: Arrangement) {
  const child = spawn(process.execPath, arrangement === 'apart' ? [main, '--apart'] : [main], {
    env: { PATH: process.env.PATH, ...environmentIn(directory), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let complained = ''
  const welcomed = Promise.withResolvers<void>()
  const awaited = new Map<string, () => void>([['Ctrl-C', welcomed.resolve]])
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    for (const [words, come] of awaited) if (said.includes(words)) come()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  const ended = once(child, 'close').then(([code]) => {
    welcomed.reject(new Error(`the rooms ended with ${code} before they welcomed anybody: ${complained}`))
    return { code, said, complained }
  })
  welcomed.promise.catch(() => {}) // who waits for the end does not wait for the welcome
  return {
    pid: child.pid ?? 0,
    ready: () => welcomed.promise,
    /** Waits until the terminal shows these words, from now on. */
    says: (words: string) => new Promise<void>((resolve) => awaited.set(words, resolve)),
    /** The port of `http://<name>.localhost` in the welcome. */
    portOf: (name: 'shop' | 'pay' | 'bank') =>
      Number(new RegExp(`http://${name}\\.localhost:([0-9]+)`).exec(said)?.[1]),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
  }
}
export type Rooms = ReturnType<typeof startRooms>
