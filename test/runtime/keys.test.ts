import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyPairFile, secretFile, textSecretFile } from '../../server/runtime/keys.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'moniker-keys-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('a key file', () => {
  it('is made on first start for its owner alone, and read ever after', async () => {
    const path = join(directory, 'keys', 'signing.json')
    const made = await keyPairFile(path, 'ES256')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await keyPairFile(path, 'ES256')).kid).toBe(made.kid)
  })

  it('is the same for two processes that start at once', async () => {
    const path = join(directory, 'secret.json')
    const secrets = await Promise.all(Array.from({ length: 8 }, () => secretFile(path)))
    expect(new Set(secrets.map((secret) => secret.id)).size).toBe(1)
  })

  it('that others can read is refused, with the command that mends it', async () => {
    const path = join(directory, 'secret.json')
    await secretFile(path)
    await chmod(path, 0o644)
    await expect(secretFile(path)).rejects.toThrow(`chmod 600 ${path}`)
  })

  it('that holds no secret worth the name is refused: an empty one would let everybody in', async () => {
    const path = join(directory, 'api-key')
    await writeFile(path, '\n', { mode: 0o600 })
    await expect(textSecretFile(path, () => 'key_0123456789abcdef')).rejects.toThrow(`${path} must hold a secret`)
    await rm(path)
    expect(await textSecretFile(path, () => 'key_0123456789abcdef')).toBe('key_0123456789abcdef')
  })

  it('that is damaged is never replaced, and its text is not shown', async () => {
    const path = join(directory, 'secret.json')
    await writeFile(path, '{"id":"x","key":"sec', { mode: 0o600 })
    await expect(secretFile(path)).rejects.toThrow(/is damaged/)
    await expect(secretFile(path)).rejects.not.toThrow(/sec"/)
    expect(await readFile(path, 'utf8')).toBe('{"id":"x","key":"sec')
  })
})
