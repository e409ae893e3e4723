import type { DeviceStorage } from './device-storage.ts'
import { installPrompt } from './install-prompt.ts'

/** By the browser's own question; by hand, in a menu of Safari on an iPhone; or not at all, or no more. */
export type WayToInstall = 'prompt' | 'share-menu' | null

export interface InstallDoor {
  way(): WayToInstall
  /** @returns how to stop listening */
  subscribe(listener: () => void): () => void
  ask(): Promise<void>
  /** Somebody does not want it: this device does not offer it again. */
  decline(): void
}

const declinedKey = 'moniker.install-declined'

export function installDoor(storage: DeviceStorage): InstallDoor {
  // Of all browsers only Safari on phones and tablets has the member, and it is false in a tab.
  const isTabOfSafari = () => 'standalone' in navigator && navigator.standalone === false
  const isInstalled = () => matchMedia('(display-mode: standalone)').matches
  let isDeclined = storage.getItem(declinedKey) === 'true'
  return {
    way() {
      if (isDeclined || isInstalled()) return null
      if (installPrompt.now() !== null) return 'prompt'
      return isTabOfSafari() ? 'share-menu' : null
    },
    subscribe: installPrompt.subscribe,
    async ask() {
      const prompt = installPrompt.now()
      if (prompt === null) return
      const { outcome } = await prompt.prompt()
      if (outcome === 'dismissed') this.decline()
      installPrompt.use()
    },
    decline() {
      isDeclined = true
      storage.setItem(declinedKey, 'true')
    },
  }
}
