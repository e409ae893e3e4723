/** Of what a bill cannot be shown without, and what therefore must not be in it. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)

/** Not of types, which are gone once it is built, nor of what is fetched later. */
const staticImport = /^(?:import|export) (?!type\b)(?:[^'"]*? from )?'([^']+)'/gm

type Script = { readonly ours: ReadonlyMap<string, string>; readonly libraries: ReadonlySet<string> }

/** A file and all that comes with it. */
async function scriptOf(path: string): Promise<Script> {
  const [ours, libraries] = [new Map<string, string>(), new Set<string>()]
  const add = async (file: URL): Promise<void> => {
    const name = file.pathname.slice(root.pathname.length)
    if (ours.has(name) || !/\.tsx?$/.test(name)) return
    const text = await readFile(file, 'utf8')
    ours.set(name, text)
    for (const [, from = ''] of text.matchAll(staticImport)) {
      if (from.startsWith('.')) await add(new URL(from, file))
      else libraries.add(from)
    }
  }
  await add(new URL(path, root))
  return { ours, libraries }
}

const { ours, libraries } = await scriptOf('web/main.tsx')

it('draws by Preact, and waits for no other library', () => {
  expect([...libraries].toSorted()).toEqual(['preact', 'preact/hooks'])
})

it('says the first words, and waits for no others', () => {
  const spokenIn = [...ours.keys()].filter((name) => /^web\/words\/.*(en|zh)\.ts$/.test(name))
  expect(spokenIn).toEqual([])
  const speaks = [...ours].filter(([, text]) => /^import .*\buseSpeech\b/m.test(text)).map(([name]) => name)
  expect(speaks).toEqual([])
})

it('is found by looking at all that is imported', () => {
  for (const name of ['web/screens/pay-form.tsx', 'web/doors/passkey.ts', 'shared/canonical-json.ts']) {
    expect([...ours.keys()]).toContain(name)
  }
  expect([...ours.keys()]).not.toContain('web/screens/settled.tsx')
})
