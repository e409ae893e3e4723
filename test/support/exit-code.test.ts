import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('a run that used PostgreSQL ends with what its tests said', () => {
  const server = fileURLToPath(new URL('postgres-server.ts', import.meta.url))
  const run = spawnSync(process.execPath, [
    '--eval',
    `import(${JSON.stringify(server)}).then(() => { process.exitCode = 3 })`,
  ])
  expect(run.status).toBe(3)
})
