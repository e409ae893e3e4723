import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @property directory of the pages, as they are served */
export type Build = { readonly directory: string; remove(): Promise<void> }

/** The wallet as the next version may be: it does the same, and none of its scripts is what it was, for nothing in them was shortened. */
export async function nextBuild(): Promise<Build> {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-next-build-'))
  // Vite would build no pages for a test, and others for anything but production.
  const { VITEST: _, ...environment } = process.env
  const wishes = ['--minify', 'false', '--logLevel', 'warn', '--outDir', directory]
  await run('node_modules/.bin/vite', ['build', ...wishes], { env: { ...environment, NODE_ENV: 'production' } })
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}
