/** Trusted Types: the one address that may become a worker's script. */
type ScriptUrlPolicy = { createScriptURL(url: string): string }
type PolicyFactory = { createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy }

const workerAddress = '/sw.js'

/** Keeps the app opening without a network. A payment is never interrupted: a new version waits until none is open. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const policies = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
  const policy = policies?.createPolicy('moniker', {
    createScriptURL(url) {
      if (url !== workerAddress) throw new TypeError('not a script of ours')
      return url
    },
  })
  const registration = await navigator.serviceWorker
    .register(policy?.createScriptURL(workerAddress) ?? workerAddress, { scope: '/' })
    .catch(() => null)
  registration?.waiting?.postMessage('update-when-idle')
}
