/** Trusted Types: the one address that may become a worker's script. */
type ScriptUrlPolicy = { createScriptURL(url: string): string }
type PolicyFactory = { createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy }

const workerAddress = '/sw.js'
/** While a page loads, the worker of before is busy with it, and browsers let a busy one stay for minutes. */
const restMs = 3000

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
  sayWhichBuild()
  const registration = await navigator.serviceWorker
    .register(policy?.createScriptURL(workerAddress) ?? workerAddress, { scope: '/' })
    .catch(() => null)
  setTimeout(() => {
    registration?.waiting?.postMessage('update-when-idle')
    registration?.active?.postMessage('drop-unused')
  }, restMs)
}

/** As long as this page is open, the worker keeps the scripts that it may still need. */
function sayWhichBuild(): void {
  const build = document.querySelector<HTMLMetaElement>('meta[name=build]')?.content
  navigator.serviceWorker.addEventListener('message', ({ data, ports }) => {
    if (data === 'which-build') ports[0]?.postMessage(build)
  })
}
