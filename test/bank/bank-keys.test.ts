import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bankKeysIn } from '../../server/bank/bank-keys.ts'
import { keyPairFile, secretFile } from '../../server/runtime/keys.ts'

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'moniker-bank-keys-')), 'keys')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('the bank’s keys', () => {
  it('are made on first start, for nobody else to read, and are the same ever after', async () => {
    const made = await bankKeysIn(directory)
    const files = await readdir(directory)
    expect(files.toSorted()).toEqual(['lookup.json', 'record-1.json', 'sealing-1.json', 'signing.json'])
    for (const file of files) expect((await stat(join(directory, file))).mode & 0o077).toBe(0)
    const again = await bankKeysIn(directory)
    expect([again.signing.kid, again.sealing[0]?.kid, again.records[0]?.id, again.lookup.id]).toEqual([
      made.signing.kid,
      made.sealing[0]?.kid,
      made.records[0]?.id,
      made.lookup.id,
    ])
  })

  it('are replaced by a file of a higher number; the older ones still open', async () => {
    const made = await bankKeysIn(directory)
    const sealing = await keyPairFile(join(directory, 'sealing-2.json'), 'ECDH-ES')
    const record = await secretFile(join(directory, 'record-10.json'))
    const rotated = await bankKeysIn(directory)
    expect(rotated.sealing.map(({ kid }) => kid)).toEqual([sealing.kid, made.sealing[0]?.kid])
    expect(rotated.records.map(({ id }) => id)).toEqual([record.id, made.records[0]?.id])
  })
})
