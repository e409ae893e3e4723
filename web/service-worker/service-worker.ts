/// <reference lib="webworker" />
/**
 * Opens the app without a network. Caches what the build is made of and nothing else: never an answer of the API, so
 * never a bill, a card or a name. Also opens bills for shops' pages, and shows what is told of payments. Served at `/sw.js`; its lists are written in by the build.
 */
import { showNotices } from './notices.ts'
import { handlePayments } from './payment-handler.ts'

declare const self: ServiceWorkerGlobalScope
declare const __ASSETS__: readonly string[]
declare const __VERSION__: string

const cacheName = `moniker-${__VERSION__}`
const shell = '/'
const others = ['/manifest.webmanifest', '/icons/icon.svg', '/icons/icon-192.png']
/** Addresses at which there is something else than this app. */
const elsewhere = /^\/(api|v1|console)(\/|$)/
const networkPatienceMs = 4000

self.addEventListener('install', (event) => {
  // No `skipWaiting`: pages that are open keep the worker, and the scripts, they began with.
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([shell, ...others, ...__ASSETS__])))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches())
})

self.addEventListener('message', (event) => {
  if (event.data === 'update-when-idle') event.waitUntil(updateWhenIdle())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (__ASSETS__.includes(url.pathname) || others.includes(url.pathname)) {
    event.respondWith(cachedOrFetched(request))
  } else if (request.mode === 'navigate' && !elsewhere.test(url.pathname)) {
    event.respondWith(fetchedOrShell(request))
  }
})

handlePayments(self)
showNotices(self)

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith('moniker-') && name !== cacheName).map((name) => caches.delete(name)),
  )
}

/** A new version takes over early only where no page has a bill on it. */
async function updateWhenIdle(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (pages.every(({ url }) => new URL(url).pathname === shell)) await self.skipWaiting()
}

async function cachedOrFetched(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

/** The network first, so that a page is as new as the server; without one, the shell, which says so itself. */
async function fetchedOrShell(request: Request): Promise<Response> {
  const patience = AbortSignal.timeout(networkPatienceMs)
  const isHome = new URL(request.url).pathname === shell
  try {
    return await fetch(request, isHome ? { signal: patience } : {})
  } catch (error) {
    const cached = await caches.match(shell)
    if (!cached) throw error
    return cached
  }
}
