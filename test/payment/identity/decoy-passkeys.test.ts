import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { amongDecoys } from '../../../server/payment/identity/decoy-passkeys.ts'
import { makeSecret } from '../../../server/runtime/keys.ts'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import { type CredentialId, identifier } from '../../../shared/identifiers.ts'

const key = await makeSecret()
const ada = identifier('payer', new Uint8Array(16).fill(1))
const nobody = identifier('payer', new Uint8Array(16).fill(2))
const passkey = (bytes: number): CredentialId => credentialIdSchema.parse(randomBytes(bytes).toString('base64url'))
const lengthsOf = (ids: readonly string[]) => ids.map((id) => Buffer.byteLength(id, 'base64url'))

it('are as many of each length, whoever has how many passkeys', () => {
  const lengths = lengthsOf(amongDecoys(key, nobody, []))
  expect(lengths).toEqual([16, 16, 16, 16, 20, 20, 20, 20, 32, 32, 32, 32])
  for (const own of [[16], [32, 32, 32], [16, 20, 32, 20], [16, 16, 16, 16, 16, 16], [65], []]) {
    expect(lengthsOf(amongDecoys(key, ada, own.map(passkey)))).toEqual(lengths)
  }
})

it('have the payer’s own among them, the newest where there are many, and none whose length would tell', () => {
  const own = [16, 16, 16, 16, 16, 32].map(passkey)
  const shown = amongDecoys(key, ada, own)
  expect(own.map((id) => shown.includes(id))).toEqual([false, true, true, true, true, true])
  const rare = passkey(65)
  expect(amongDecoys(key, ada, [rare])).not.toContain(rare)
})

it('stay the same for a payer, are another’s for nobody, and stand in an order that says nothing', () => {
  const shown = amongDecoys(key, ada, [])
  expect(amongDecoys(key, ada, [])).toEqual(shown)
  expect(amongDecoys(key, nobody, []).filter((id) => shown.includes(id))).toEqual([])
  for (const length of [16, 20, 32]) {
    const withOne = amongDecoys(key, ada, [passkey(length)]).filter(
      (id) => Buffer.byteLength(id, 'base64url') === length,
    )
    expect(withOne).toEqual(withOne.toSorted())
    expect(withOne.filter((id) => shown.includes(id))).toHaveLength(3)
  }
})
