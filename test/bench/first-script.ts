import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { build, type InlineConfig, minifySync, type Rolldown } from 'vite'
import type { TestHouse } from '../browser/support/test-house.ts'

/** Bytes, gzip, each file by itself. */
export type FirstScript = { readonly bytes: number; readonly parts: readonly Part[] }
/** What the script is made of: a library, or a folder of ours. */
export type Part = { readonly name: string; readonly bytes: number }

const root = fileURLToPath(new URL('../..', import.meta.url))
/** So long a browser may take to show a bill, beside others that do the same. Longer, and it never will. */
const patienceMs = 15_000

/** What a phone that was never here cannot show a bill and its button without. */
export async function firstScript(house: TestHouse, bill: string): Promise<FirstScript> {
  const address = `${house.addresses.payment}/pay/${bill}`
  const [needed, chunks] = await Promise.all([
    neededFor(house, address),
    chunksOf({ root: `${root}web`, configFile: `${root}vite.config.ts` }),
  ])
  const sized = needed.map((path) => {
    const chunk = chunks.find(({ fileName }) => `/${fileName}` === path)
    if (chunk === undefined) throw new Error(`${path} is of another build`)
    return { chunk, bytes: gzipBytes(chunk.code) }
  })
  const parts = new Map<string, number>()
  for (const { chunk, bytes } of sized) {
    for (const { name, share } of sharesOf(chunk)) parts.set(name, (parts.get(name) ?? 0) + share * bytes)
  }
  return {
    bytes: sized.reduce((sum, { bytes }) => sum + bytes, 0),
    parts: [...parts].map(([name, bytes]) => ({ name, bytes })).toSorted((left, right) => right.bytes - left.bytes),
  }
}

/** Nobody keeps a list of them: of all that a browser fetches until the bill is there, each is held back once, and the bill comes or does not. */
async function neededFor(house: TestHouse, address: string): Promise<string[]> {
  const fetched = await fetchedUntilBill(house, address)
  const verdicts = await Promise.all(
    fetched.map(async (path) => ((await showsWithout(house, address, path)) ? [] : path)),
  )
  return verdicts.flat()
}

async function fetchedUntilBill(house: TestHouse, address: string): Promise<string[]> {
  const { page } = await house.phone({ withoutWorker: true })
  const fetched = new Set<string>()
  page.on('request', (request) => {
    if (request.resourceType() === 'script') fetched.add(new URL(request.url()).pathname)
  })
  await page.goto(address)
  await showsBill(page)
  return [...fetched]
}

async function showsWithout(house: TestHouse, address: string, path: string): Promise<boolean> {
  const { page } = await house.phone({ withoutWorker: true })
  await page.route(`**${path}`, () => undefined)
  await page.goto(address, { waitUntil: 'commit' })
  return showsBill(page).then(
    () => true,
    () => false,
  )
}

const showsBill = (page: Page) => page.locator('main form button[type=submit]').waitFor({ timeout: patienceMs })

/** How much of a file each part is; by what its modules weigh one by one, as a file is packed as a whole. */
function sharesOf({ modules }: Rolldown.OutputChunk): { name: string; share: number }[] {
  const weighed = Object.entries(modules).map(([id, { code }]) => ({
    name: partOf(id),
    weight: code ? gzipBytes(minifySync(id, code, { module: true, compress: false }).code) : 0,
  }))
  const sum = weighed.reduce((total, { weight }) => total + weight, 0)
  return weighed.map(({ name, weight }) => ({ name, share: sum === 0 ? 0 : weight / sum }))
}

function partOf(id: string): string {
  if (id.startsWith('\0')) return 'what joins the files'
  const [, library] = id.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? []
  if (library !== undefined) return library
  const path = id.replace(root, '')
  return path.slice(0, path.lastIndexOf('/'))
}

const smallestPage = `
  import { h, render } from 'preact'
  const pay = () => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(window.options) })
  render(h('button', { onClick: pay }, 'Pay'), document.body)
`
const entry = 'smallest-page'

/** Nothing that draws by Preact and asks for a passkey can be smaller: the same builder makes it, now. Bytes, gzip. */
export async function floorBytes(): Promise<number> {
  const chunks = await chunksOf({
    root,
    configFile: false,
    publicDir: false,
    plugins: [
      {
        name: entry,
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? smallestPage : null),
      },
    ],
    build: { target: 'es2022', modulePreload: false, rolldownOptions: { input: entry } },
  })
  return chunks.reduce((sum, { code }) => sum + gzipBytes(code), 0)
}

/** Built, and written nowhere. */
async function chunksOf({ build: options, ...config }: InlineConfig): Promise<Rolldown.OutputChunk[]> {
  const made = await build({ ...config, logLevel: 'error', build: { ...options, write: false } })
  const output = Array.isArray(made) ? made.flatMap((each) => each.output) : 'output' in made ? made.output : []
  return output.filter((file) => file.type === 'chunk')
}

const gzipBytes = (content: string): number => gzipSync(content, { level: 9 }).byteLength
