/** A shop that is copied has to be read first. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const folder = new URL('../../server/shop/', import.meta.url)

/** What is HTML, and does nothing but show. */
const templates = 'pages.ts'

/** Lines with code in them: neither empty ones nor comments. */
const linesOf = async (name: string): Promise<number> =>
  (await readFile(new URL(name, folder), 'utf8')).split('\n').filter((line) => !/^\s*($|\/\/|\/\*\*|\*)/.test(line))
    .length

it('has less than 300 lines of server code, and half as many of templates', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== templates)
  const lines = await Promise.all(names.map(linesOf))
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(300)
  expect(await linesOf(templates)).toBeLessThan(150)
})
