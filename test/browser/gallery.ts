/** Lives through every journey in the browser, and shows each screen it met in every look on one page. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stretches } from './support/stretched.ts'

const folder = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url))
const looks = ['light', 'dark', 'zh', ...stretches] as const

// What is not met any more is no screen any more.
await rm(folder, { recursive: true, force: true })
const journeys = spawn('vitest', ['run', '--config', 'test/vitest.config.ts', '--project', 'browser'], {
  env: { ...process.env, PICTURES: '1' },
  stdio: 'inherit',
})
const [code] = await once(journeys, 'close')

const files = new Set(await readdir(folder, { recursive: true }))
const screens = [...files].flatMap((file) => /^(.*)-light\.png$/.exec(file)?.[1] ?? []).toSorted()
const picture = (screen: string, look: string): string => {
  const file = `${screen}-${look}.png`
  return files.has(file) ? `<img src="${file}" alt="${screen}, ${look}" loading="lazy">` : '<span></span>'
}
const rows = screens.map(
  (screen) => `<h2>${screen}</h2><div>${looks.map((look) => picture(screen, look)).join('')}</div>`,
)
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Every screen of Moniker</title><style>
body { margin: 2rem; font: 1rem system-ui; background: light-dark(#ddd, #333); color-scheme: light dark }
div { display: grid; grid-template-columns: repeat(${looks.length}, minmax(0, 20rem)); gap: 1rem } img { width: 100% }
</style><h1>${screens.length} screens in light, in dark, in Chinese, large and from right to left</h1>${rows.join('')}`
const path = join(folder, 'index.html')
await writeFile(path, page)
process.stdout.write(`${screens.length} screens: ${path}\n`)
process.exit(Number(code))
