import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, '.cache')
let directory: string

beforeAll(async () => {
  await mkdir(cache, { recursive: true })
  directory = await mkdtemp(join(cache, 'walls-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** Compiles a file that stands in `room` as far as its walls go, and imports `target`. @returns what the compiler said */
async function compileImport(room: string, target: string): Promise<string> {
  const project = join(directory, `${room}-${target}`.replaceAll(/[^a-z]/g, '-'))
  await mkdir(project)
  const from = (path: string) => relative(project, join(root, path))
  const { references }: { references: { path: string }[] } = JSON.parse(
    await readFile(join(root, room, 'tsconfig.json'), 'utf8'),
  )
  const configuration = {
    extends: from(`${room}/tsconfig.json`),
    compilerOptions: { rootDir: root, outDir: join(project, 'types'), tsBuildInfoFile: join(project, 'info') },
    include: ['probe.ts'],
    exclude: [],
    references: references.map((reference) => ({ path: from(join(room, reference.path)) })),
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(configuration))
  await writeFile(join(project, 'probe.ts'), `export type * from '${from(target)}'\n`)
  const tsc = join(root, 'node_modules/.bin/tsc')
  return promisify(execFile)(tsc, ['-b', project]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
}

/** "File … is not listed within the file list of project …": the import goes through a wall. */
const wall = /TS6307/

describe('the walls between rooms', { timeout: 120_000 }, () => {
  it.each([
    ['server/payment', 'shared/payment.ts'],
    ['server/bank', 'shared/cardholder/card-number.ts'],
    ['server/payment', 'server/runtime/peer.ts'],
    ['server/shop', 'shared/sdk/index.ts'],
  ])('let %s say %s', async (room, target) => {
    expect(await compileImport(room, target)).toBe('')
  })

  it.each([
    ['server/payment', 'shared/cardholder/card-number.ts'],
    ['server/payment', 'server/bank/room.ts'],
    ['server/bank', 'server/payment/room.ts'],
    ['server/shop', 'server/payment/room.ts'],
    ['server/shop', 'shared/cardholder/card-number.ts'],
    ['server/runtime', 'server/payment/room.ts'],
    ['web', 'server/payment/room.ts'],
    ['shared', 'server/runtime/room.ts'],
    ['shared/sdk', 'shared/payment.ts'],
  ])('keep %s from naming %s, even as a type', async (room, target) => {
    expect(await compileImport(room, target)).toMatch(wall)
  })
})
