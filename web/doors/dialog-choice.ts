import type { DeviceStorage } from './device-storage.ts'

const storageKey = 'moniker.payment-dialog'
const left = 'left'

/** Whether the browser's own payment dialog may ask on this device: whoever opts out in it is asked on our page, until they want it back. */
export type DialogChoice = { isLeft(): boolean; leave(): void; comeBack(): void }

export const dialogChoice = (storage: DeviceStorage): DialogChoice => ({
  isLeft: () => storage.getItem(storageKey) === left,
  leave: () => storage.setItem(storageKey, left),
  comeBack: () => storage.setItem(storageKey, ''),
})
