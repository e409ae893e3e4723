import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyedHash, keyedHashText } from '../../server/runtime/keyed-hash.ts'
import { makeSecret } from '../../server/runtime/keys.ts'
import { bytesOfBase64url } from '../../shared/bytes.ts'

describe('a keyed hash', () => {
  it('is HMAC-SHA-256 over the use and the parts: stored ones are found again', () => {
    const secret = { id: 'test', key: createSecretKey(new Uint8Array(32)) }
    const text = 'LpUzIGnJUarNVs4EWFO4Np5C1-2T60AxEc2b9_s6cuc'
    expect(keyedHashText(secret, 'username', 'ada')).toBe(text)
    expect(keyedHash(secret, 'username', 'ada')).toEqual(bytesOfBase64url(text))
  })

  it('tells uses, parts and keys apart', () => {
    const secret = makeSecret()
    const hashes = [
      keyedHashText(secret, 'username', 'ada'),
      keyedHashText(secret, 'skeleton', 'ada'),
      keyedHashText(secret, 'username', 'ad', 'a'),
      keyedHashText(secret, 'username', 'a', 'da'),
      keyedHashText(makeSecret(), 'username', 'ada'),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
