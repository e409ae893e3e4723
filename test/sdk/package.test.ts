import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let directory: string

describe('npm run build:sdk', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'moniker-sdk-'))
    await run('npm', ['run', 'build:sdk'], { cwd: root })
    await run('npm', ['install', '--no-package-lock', '--install-links', '--offline', join(root, 'dist/sdk')], {
      cwd: directory,
    })
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('makes a package that needs no other one', async () => {
    const { dependencies } = JSON.parse(
      await readFile(join(directory, 'node_modules/@moniker/server/package.json'), 'utf8'),
    )
    expect(dependencies).toEqual({})
    await writeFile(
      join(directory, 'use.mjs'),
      "import * as sdk from '@moniker/server'\nconsole.log(Object.keys(sdk).sort().join())\n",
    )
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: directory })
    expect(stdout.trim()).toBe(
      'MonikerDecisionRefused,MonikerProblem,MonikerUnreachable,MonikerWebhookRefused,moniker,readDecision,readWebhook',
    )
  })

  it('has types that a strict program can use', async () => {
    await writeFile(
      join(directory, 'use.ts'),
      `import { moniker, type Payment, readWebhook } from '@moniker/server'
export const paid: Promise<Payment> = moniker({ apiKey: 'mk_test_1', origin: 'https://pay.example' }).payments.retrieve('pay_1')
export const minor: Promise<number> = paid.then(({ amount }) => amount.minor)
// @ts-expect-error: no payment is in such a state
export const wrong = paid.then(({ state }) => state === 'paid')
export const event = readWebhook({ body: '', headers: new Headers() }, 'whsec_', Date.now())
`,
    )
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,dom',
      '--types',
      '',
    ]
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), [...options, 'use.ts'], { cwd: directory }).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })
})
