/**
 * Passkeys that were made on this device so that the browser's own payment dialog takes them. Of any other it would only tell people that it
 * has none, in a dialog that leads nowhere (Secure Payment Confirmation §3.1).
 */
import type { DeviceStorage } from './device-storage.ts'

const storageKey = 'moniker.payment-passkeys'
/** More than a device has; the oldest go. */
const keptMax = 50

/** @returns credential ids, base64url */
export const paymentPasskeys = (storage: DeviceStorage): readonly string[] =>
  storage.getItem(storageKey)?.split(' ') ?? []

export const keepPaymentPasskey = (storage: DeviceStorage, credentialId: string): void =>
  write(storage, [...paymentPasskeys(storage), credentialId].slice(-keptMax))

export function forgetPaymentPasskeys(storage: DeviceStorage, credentialIds: readonly string[]): void {
  const kept = paymentPasskeys(storage)
  if (kept.length > 0)
    write(
      storage,
      kept.filter((id) => !credentialIds.includes(id)),
    )
}

const write = (storage: DeviceStorage, ids: readonly string[]): void =>
  storage.setItem(storageKey, ids.filter((id) => id !== '').join(' '))
