import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
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

const kidsOf = (keys: readonly { readonly kid: string }[]): string[] => keys.map(({ kid }) => kid)
const moved = (from: string, to: string) => rename(join(directory, from), join(directory, to))

describe('the bank’s keys', () => {
  it.each([
    [false, ['lookup.json', 'record-1.json', 'sealing-1.json', 'signing-1.json']],
    [true, ['lookup.json', 'record-1.json', 'retired-signing-0.json', 'sealing-1.json', 'signing-1.json']],
  ])(
    'are made on first start, for nobody else to read, and are the same ever after (simulator: %s)',
    async (isSimulator, expected) => {
      const made = await bankKeysIn(directory, isSimulator)
      const files = await readdir(directory)
      expect(files.toSorted()).toEqual(expected)
      for (const file of files) expect((await stat(join(directory, file))).mode & 0o077).toBe(0)
      const again = await bankKeysIn(directory, isSimulator)
      expect([again.signing.kid, again.sealing[0]?.kid, again.records[0]?.id, again.lookup.id]).toEqual([
        made.signing.kid,
        made.sealing[0]?.kid,
        made.records[0]?.id,
        made.lookup.id,
      ])
      expect(kidsOf(again.retiredSigning)).toEqual(kidsOf(made.retiredSigning))
      expect(made.retiredSigning).toHaveLength(isSimulator ? 1 : 0)
    },
  )

  it('are replaced by a file of a higher number; the older ones still open', async () => {
    const made = await bankKeysIn(directory, false)
    const sealing = await keyPairFile(join(directory, 'sealing-2.json'), 'ECDH-ES')
    const record = await secretFile(join(directory, 'record-10.json'))
    const rotated = await bankKeysIn(directory, false)
    expect(kidsOf(rotated.sealing)).toEqual([sealing.kid, made.sealing[0]?.kid])
    expect(rotated.records.map(({ id }) => id)).toEqual([record.id, made.records[0]?.id])
  })

  it('sign by the highest number, and by no older one, which are still told', async () => {
    const made = await bankKeysIn(directory, false)
    const second = await keyPairFile(join(directory, 'signing-2.json'), 'ES256')
    const tenth = await keyPairFile(join(directory, 'signing-10.json'), 'ES256')
    const rotated = await bankKeysIn(directory, false)
    expect(rotated.signing.kid).toBe(tenth.kid)
    expect(kidsOf(rotated.formerSigning)).toEqual([second.kid, made.signing.kid])
  })

  it('were one file before they had numbers, which counts as the first', async () => {
    const first = await keyPairFile(join(directory, 'signing.json'), 'ES256')
    expect(await bankKeysIn(directory, false)).toMatchObject({ signing: { kid: first.kid }, formerSigning: [] })
    const second = await keyPairFile(join(directory, 'signing-2.json'), 'ES256')
    const rotated = await bankKeysIn(directory, false)
    expect([rotated.signing.kid, ...kidsOf(rotated.formerSigning)]).toEqual([second.kid, first.kid])
  })

  it('that are retired are told no more; only a simulator keeps them, to misbehave with', async () => {
    const made = await bankKeysIn(directory, true)
    const second = await keyPairFile(join(directory, 'signing-2.json'), 'ES256')
    await moved('signing-1.json', 'retired-signing-1.json')
    const rotated = await bankKeysIn(directory, true)
    expect([rotated.signing.kid, ...kidsOf(rotated.formerSigning)]).toEqual([second.kid])
    expect(kidsOf(rotated.retiredSigning)).toEqual([made.signing.kid, ...kidsOf(made.retiredSigning)])
    expect((await bankKeysIn(directory, false)).retiredSigning).toEqual([])
  })
})
