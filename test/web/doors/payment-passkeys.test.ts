import { beforeEach, expect, it } from 'vitest'
import type { DeviceStorage } from '../../../web/doors/device-storage.ts'
import { forgetPaymentPasskeys, keepPaymentPasskey, paymentPasskeys } from '../../../web/doors/payment-passkeys.ts'

let storage: DeviceStorage
beforeEach(() => {
  const kept = new Map<string, string>()
  storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
})

it('keeps those that were made here, and forgets them with their name', () => {
  expect(paymentPasskeys(storage)).toEqual([])
  for (const id of ['AAAA', 'BBBB', 'CCCC']) keepPaymentPasskey(storage, id)
  forgetPaymentPasskeys(storage, ['AAAA', 'CCCC', 'DDDD'])
  expect(paymentPasskeys(storage)).toEqual(['BBBB'])
  forgetPaymentPasskeys(storage, ['BBBB'])
  keepPaymentPasskey(storage, 'EEEE')
  expect(paymentPasskeys(storage)).toEqual(['EEEE'])
})

it('writes nothing on a device where none was made', () => {
  forgetPaymentPasskeys({ ...storage, setItem: () => expect.unreachable() }, ['AAAA'])
})

it('lets the oldest go', () => {
  for (let index = 0; index < 60; index += 1) keepPaymentPasskey(storage, `id${index}`)
  expect([paymentPasskeys(storage).length, paymentPasskeys(storage)[0]]).toEqual([50, 'id10'])
})
