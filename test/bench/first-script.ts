import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const built = new URL('../../dist/web/', import.meta.url)

/** What the page cannot do without: its script and what that imports, as `npm run build` made them. Bytes, gzip, each file by itself. */
export async function firstScriptBytes(): Promise<number> {
  const page = await readFile(new URL('index.html', built), 'utf8')
  const paths = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].flatMap(([, path = '']) => path)
  if (paths.length === 0) throw new Error('the built page has no script')
  const sizes = await Promise.all(paths.map(async (path) => gzipBytes(await readFile(new URL(path, built)))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

const smallestPage = `
  import { h, render } from 'preact'
  const pay = () => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(window.options) })
  render(h('button', { onClick: pay }, 'Pay'), document.body)
`
const entry = 'smallest-page'

/** Nothing that draws by Preact and asks for a passkey can be smaller: the same builder makes it, now. Bytes, gzip. */
export async function floorBytes(): Promise<number> {
  const made = await build({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [
      {
        name: entry,
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? smallestPage : null),
      },
    ],
    build: { write: false, target: 'es2022', modulePreload: false, rolldownOptions: { input: entry } },
  })
  const output = Array.isArray(made) ? made.flatMap((each) => each.output) : 'output' in made ? made.output : []
  const sizes = output.flatMap((file) => (file.type === 'chunk' ? [gzipBytes(file.code)] : []))
  return sizes.reduce((sum, size) => sum + size, 0)
}

const gzipBytes = (content: string | Uint8Array): number => gzipSync(content, { level: 9 }).byteLength
