/** What Chromium offers where the app can be installed: once a page, and early. https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface */
export interface InstallPrompt {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>
}

let kept: InstallPrompt | null = null
const listeners = new Set<() => void>()

function keep(prompt: InstallPrompt | null): void {
  kept = prompt
  for (const listener of listeners) listener()
}

const isPrompt = (event: Event): event is Event & InstallPrompt => 'prompt' in event

/** From now on the browser asks nobody by itself: we do, once somebody has seen what the app is good for. */
export function keepInstallPrompt(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    if (isPrompt(event)) keep(event)
  })
  addEventListener('appinstalled', () => keep(null))
}

export const installPrompt = {
  now: (): InstallPrompt | null => kept,
  /** It can be shown once. */
  use: (): void => keep(null),
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}
