import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Context, Hono } from 'hono'
import type { HttpEnvironment } from '../runtime/http.ts'
import { StartupError } from '../runtime/startup-error.ts'

/** Nothing but our own files, nothing inline, nothing from elsewhere (CSP 3; ASVS 5 V3.4.3). */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types moniker',
].join('; ')

/** @property gzipped null where it would not be smaller: pictures */
type Page = {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer> | null
  readonly type: string
}

const typeOfExtension: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
}

/**
 * The built PWA. It is small and read once, so that a request for a file never touches the disk, wherever its path points.
 * @throws {StartupError} where there is no such build
 */
export async function pages(directory: string): Promise<Hono<HttpEnvironment>> {
  const files = await readPages(directory)
  const index = files.get('/index.html')
  if (index === undefined) throw new StartupError(`${directory} holds no index.html: build the pages first.`)

  const app = new Hono<HttpEnvironment>()
  for (const [path, page] of files) {
    app.get(path, (context) => {
      if (forShops.some((start) => path.startsWith(start))) forEverybody(context)
      return show(context, page, path.startsWith('/assets/') ? forEver : everyTime)
    })
  }
  // Makes `/pay` the name of a way of paying (W3C Payment Method Manifest §2.1): where browsers find who handles it.
  app.use('/pay', async (context, next) => {
    await next()
    forEverybody(context)
    context.header('link', '</pay/payment-manifest.json>; rel="payment-method-manifest"')
  })
  const merchants = files.get('/console.html')
  if (merchants !== undefined) {
    for (const path of ['/console', '/console/*']) app.get(path, (context) => show(context, merchants, everyTime))
  }
  // Every other address of the PWA's own is this one page; which screen to show, its script reads from the address.
  return app
    .get('/', (context) => show(context, index, everyTime))
    .get('/:page{[a-z-]+}/:id?', (context, next) => {
      const page = context.req.param('page')
      return ['api', 'v1', 'assets'].includes(page) ? next() : show(context, index, everyTime)
    })
}

/** What pages of other origins load: what makes their button, and what tells their browser who handles this way of paying. */
const forShops = ['/button.js', '/pay/payment-manifest.json', '/manifest.webmanifest', '/icons/']
function forEverybody(context: Context): void {
  context.header('access-control-allow-origin', '*')
  context.header('cross-origin-resource-policy', 'cross-origin')
}

/** The names of these files hold the hash of what is in them. */
const forEver = 'public, max-age=31536000, immutable'
const everyTime = 'no-cache'

/** Compressed where the browser takes it: these are files that everybody may read, so their length gives nothing away (BREACH). */
function show(context: Context, { bytes, gzipped, type }: Page, cacheControl: string): Response {
  const headers = { 'content-type': type, 'cache-control': cacheControl }
  if (gzipped === null) return context.body(bytes, 200, headers)
  const isTaken = /(^|[\s,])gzip(?!\s*;\s*q=0(\.0+)?\s*(,|$))/i.test(context.req.header('accept-encoding') ?? '')
  const varying = { ...headers, vary: 'accept-encoding' }
  return isTaken
    ? context.body(gzipped, 200, { ...varying, 'content-encoding': 'gzip' })
    : context.body(bytes, 200, varying)
}

async function readPages(directory: string): Promise<Map<string, Page>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new StartupError(`The pages in ${directory} cannot be read: build them first.`, { cause })
  })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, Page]> => {
        const bytes = new Uint8Array(await readFile(file))
        const extension = file.slice(file.lastIndexOf('.') + 1)
        const type = typeOfExtension[extension] ?? 'application/octet-stream'
        return [`/${relative(directory, file).split(sep).join('/')}`, { bytes, gzipped: smaller(bytes), type }]
      }),
    ),
  )
}

function smaller(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const gzipped = new Uint8Array(gzipSync(bytes, { level: 9 }))
  return gzipped.byteLength < bytes.byteLength ? gzipped : null
}
