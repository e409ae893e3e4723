import { randomBytes } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decryptOwn, encryptForOneself } from '../../server/bank/own-jwe.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { systemRandom } from '../../server/runtime/room.ts'

const current = makeSecret()
const older = makeSecret()
const schema = z.strictObject({ number: z.string() })
const value = { number: '4111111111111111' }
const made = encryptForOneself('test+jwe', value, [current], systemRandom)
const open = (jwe: string, keys = [current], type = 'test+jwe') => decryptOwn(type, schema, keys, jwe)

describe('what the bank encrypts for itself', () => {
  it('opens again, also by a key that is not the current one any more', () => {
    expect(open(made)).toEqual(value)
    expect(open(encryptForOneself('test+jwe', value, [older, current], systemRandom), [current, older])).toEqual(value)
  })

  it('does not open by another key, nor for another use', () => {
    expect(open(made, [older])).toBeNull()
    expect(open(made, [{ id: current.id, key: older.key }])).toBeNull()
    expect(open(made, [current], 'other+jwe')).toBeNull()
  })

  it('does not open with any one character changed, left out or added', () => {
    const opened = [...made].flatMap((character, index) => {
      const other = character === 'A' ? 'B' : 'A'
      const variants = [other, '', `${character}${other}`, `${character}.`]
      return variants
        .map((variant) => made.slice(0, index) + variant + made.slice(index + 1))
        .filter((changed) => changed !== made && open(changed) !== null)
    })
    expect(opened).toEqual([])
  })

  it('does not open with a header that says the same in other words, or more', async () => {
    const headers = [
      { enc: 'A256GCM', alg: 'dir', kid: current.id, typ: 'test+jwe' },
      { alg: 'dir', enc: 'A256GCM', kid: current.id, typ: 'test+jwe', cty: 'json' },
      { alg: 'dir', enc: 'A256GCM', kid: current.id },
    ]
    for (const header of headers) {
      const text = new TextEncoder().encode(JSON.stringify(value))
      expect(open(await new CompactEncrypt(text).setProtectedHeader(header).encrypt(current.key))).toBeNull()
    }
  })

  it('is different each time it is made', () => {
    expect(encryptForOneself('test+jwe', value, [current], systemRandom)).not.toBe(made)
  })

  it('is nothing but that: noise does not open', () => {
    expect(open(randomBytes(64).toString('base64url'))).toBeNull()
    expect(open('....')).toBeNull()
  })
})
