/// <reference lib="webworker" />
/**
 * Opens the app without a network. Keeps what has a hash in its name, and the one page that begins with it; nothing else: never an answer
 * of the API, so never a bill, a card or a name. Also opens bills for shops' pages, and shows what is told of payments. Served at `/sw.js`;
 * what stands between `__` is written in by the build.
 */
import { buildCaches } from './build-caches.ts'
import { showNotices } from './notices.ts'
import { handlePayments } from './payment-handler.ts'

declare const self: ServiceWorkerGlobalScope
declare const __ASSETS__: readonly string[]
declare const __SHELL_INTEGRITY__: string
declare const __BUILD__: string

const shell = '/'
const hashed = '/assets/'
/** Addresses at which there is something else than this app. */
const elsewhere = /^\/(api|v1|console)(\/|$)/
const networkPatienceMs = 4000
const isOfPayers = ({ url }: WindowClient): boolean => !elsewhere.test(new URL(url).pathname)
const builds = buildCaches(self, __BUILD__, isOfPayers)

self.addEventListener('install', (event) => {
  // No `skipWaiting`: pages that are open keep the worker they began with.
  // Another build may be served since this worker was, whose page begins with scripts that are not kept here: then this one is not for use.
  const page = new Request(shell, { integrity: __SHELL_INTEGRITY__ })
  event.waitUntil(builds.own().then((cache) => cache.addAll([page, ...__ASSETS__])))
})

self.addEventListener('activate', (event) => {
  // A page that was here before any worker needs the rest of its scripts, too: often it is somebody's first bill.
  event.waitUntil(self.clients.claim())
})

self.addEventListener('message', (event) => {
  if (event.data === 'update-when-idle') event.waitUntil(updateWhenIdle())
  if (event.data === 'drop-unused') event.waitUntil(builds.dropUnused())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname.startsWith(hashed)) {
    event.respondWith(cachedOrFetched(request))
  } else if (request.mode === 'navigate' && !elsewhere.test(url.pathname)) {
    event.respondWith(fetchedOrShell(request))
  }
})

handlePayments(self)
showNotices(self)

/** A new version takes over early only where no page has a bill on it. */
async function updateWhenIdle(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (pages.filter(isOfPayers).every(({ url }) => new URL(url).pathname === shell)) await self.skipWaiting()
}

/** Of whichever build: the name says it all, and a page of an older one has nowhere else to find it. */
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
    const cached = await (await builds.own()).match(shell)
    if (!cached) throw error
    return cached
  }
}
