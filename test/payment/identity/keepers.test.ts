import { expect, it } from 'vitest'
import { keeperOf } from '../../../server/payment/identity/keepers.ts'

it.each([
  ['fbfc3007-154e-4ecc-8c0b-6e020557d7bd', 'iCloud Keychain'],
  ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', 'Google Password Manager'],
  ['08987058-cadc-4b81-b6e1-30de50dcbe96', 'Windows Hello'],
  ['2fc0579f-8113-47ea-b116-bb5a8db9202a', 'YubiKey 5 NFC'],
])('%s is %s', (aaguid, name) => {
  expect(keeperOf(aaguid)).toBe(name)
})

it.each([
  ['says nothing', '00000000-0000-0000-0000-000000000000'],
  ['is of no kind that we know', '12345678-1234-1234-1234-123456789abc'],
  ['is called like something that every object has', 'constructor'],
])('has no name where a device %s', (_what, aaguid) => {
  expect(keeperOf(aaguid)).toBeNull()
})
