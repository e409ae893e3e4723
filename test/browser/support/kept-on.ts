import type { Page } from 'playwright-core'

/** Something that a browser keeps, and where. */
export type Kept = { readonly where: string; readonly text: string }

/** Everything that a script of this page could read of what its browser keeps for it: what a thief's script would find. */
export const keptOn = (page: Page): Promise<Kept[]> => page.evaluate(everythingKept)

/** Runs in the page. */
async function everythingKept(): Promise<Kept[]> {
  /** Bytes as letters, so that a text in them reads as one. */
  const asText = (value: unknown): string =>
    JSON.stringify(value, (_key, part: unknown) => {
      if (part instanceof ArrayBuffer) return String.fromCharCode(...new Uint8Array(part))
      if (ArrayBuffer.isView(part)) {
        return String.fromCharCode(...new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
      }
      return part
    }) ?? ''
  const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })

  const kept: Kept[] = [
    { where: 'the cookies that a script sees', text: document.cookie },
    { where: 'the address', text: location.href },
    { where: 'the history', text: asText(history.state) },
    { where: 'the name of the window', text: window.name },
  ]
  for (const [where, storage] of Object.entries({ localStorage, sessionStorage })) {
    for (const [name, text] of Object.entries<string>(storage)) kept.push({ where: `${where}: ${name}`, text })
  }
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await answerOf(indexedDB.open(name))
    for (const table of database.objectStoreNames) {
      const store = database.transaction(table).objectStore(table)
      const [keys, values] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())])
      kept.push({ where: `${name}: ${table}`, text: asText({ keys, values }) })
    }
    database.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys()) {
      const text = (await (await cache.match(request))?.text()) ?? ''
      kept.push({ where: `${name}: ${request.url}`, text })
    }
  }
  return kept
}
