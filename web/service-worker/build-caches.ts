const prefix = 'moniker-'
const answerPatienceMs = 1000

/**
 * Each build of the app is kept in a cache of its own, until no page of it is open: the server has the newest one alone, and a page fetches
 * some of its scripts only when they are needed.
 * @param build as its page says it
 * @param isOurs whether a page is one that would say of which build it is
 */
export function buildCaches(worker: ServiceWorkerGlobalScope, build: string, isOurs: (page: WindowClient) => boolean) {
  const ownName = prefix + build

  async function dropUnused(): Promise<void> {
    const names = (await caches.keys()).filter((name) => name.startsWith(prefix))
    // They come in the order in which they were made. What is newer belongs to a worker that waits for its turn.
    const older = names.slice(0, Math.max(0, names.indexOf(ownName)))
    if (older.length === 0) return
    const used = await buildsInUse()
    if (used === null) return
    await Promise.all(older.filter((name) => !used.has(name.slice(prefix.length))).map((name) => caches.delete(name)))
  }

  /** @returns null where a page does not say: it may be asleep, and of any build */
  async function buildsInUse(): Promise<ReadonlySet<string> | null> {
    const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })
    const said = await Promise.all(pages.filter(isOurs).map(buildOf))
    const known = said.filter((name) => name !== null)
    return known.length === said.length ? new Set(known) : null
  }

  return { own: (): Promise<Cache> => caches.open(ownName), dropUnused }
}

/** Asks `web/doors/offline.ts` there. */
function buildOf(page: WindowClient): Promise<string | null> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => resolve(typeof data === 'string' ? data : null)
    setTimeout(() => resolve(null), answerPatienceMs)
    page.postMessage('which-build', [port2])
  })
}
