/** Where small choices are kept, if the browser keeps anything for us at all. */
export type DeviceStorage = Pick<Storage, 'getItem' | 'setItem'>

export function deviceStorage(): DeviceStorage {
  try {
    return localStorage
  } catch {
    return { getItem: () => null, setItem: () => undefined }
  }
}
