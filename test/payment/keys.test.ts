import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { paymentKeysIn } from '../../server/payment/room.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'

it('keys that can be kept nowhere are something an operator can mend', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-keys-'))
  const file = join(directory, 'in-the-way')
  await writeFile(file, '')
  const keys = paymentKeysIn(join(file, 'keys'))
  await expect(keys).rejects.toThrow(StartupError)
  await expect(keys).rejects.toThrow(/in-the-way/)
  await rm(directory, { recursive: true })
})
