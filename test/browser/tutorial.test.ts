/** README's first payment, as README says it, but for the ports, which may be taken. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { freePort } from '../support/free-port.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'dist/tea')
let house: TestHouse
let shop: ChildProcess | undefined
beforeAll(async () => {
  house = await openTestHouse()
  await rm(folder, { recursive: true, force: true })
})
afterAll(async () => {
  shop?.kill()
  await house.close()
  await rm(folder, { recursive: true, force: true })
})

/** What is to be typed, and what to be saved, in the order of the text. */
async function steps(replaced: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, after = ''] = readme.split('### Your first payment, in five minutes\n')
  const [part = ''] = after.split('\n### ')
  return Array.from(part.matchAll(/```(?:sh|js)\n([^`]*(?:`[^`]+)*?)```/g), ([, code = '']) =>
    Object.entries(replaced).reduce((text, [what, by]) => text.replaceAll(what, by), code),
  )
}

it('leads from nothing to a paid test order', { timeout: 240_000 }, async () => {
  const startedAtMs = performance.now()
  const port = `${await freePort()}`
  const [prepare, program, start] = await steps({ 3000: port, '4410': new URL(house.addresses.payment).port })
  if (prepare === undefined || program === undefined || start === undefined) throw new Error('README has three steps')
  // As `npm start` was started in the other terminal.
  const environment = { ...process.env, DATA_DIRECTORY: house.dataDirectory }
  const { stdout } = await promisify(execFile)('bash', ['-ec', prepare], { cwd: root, env: environment })
  const [apiKey] = /mk_test_\S+/.exec(stdout) ?? []
  await writeFile(join(folder, 'shop.mjs'), program)

  const command = start.replace('mk_test_…', apiKey ?? '')
  const running = spawn('bash', ['-ec', `exec env ${command}`], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  shop = running
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  const says = async (): Promise<string> => `${(await lines.next()).value}`
  const [first, second] = [await says(), await says()].toSorted()
  expect(second).toBe('tea-1: created')

  const { page, checkout } = await house.phone()
  await page.goto((first ?? '').replace('Pay at ', ''))
  await checkout.isNewHere()
  await checkout.takesName('newcomer')
  const expiry = { month: 12, year: 2030 }
  await checkout.typesCard({ number: parseCardNumber('4111111111111111'), expiry, code: '123', name: 'NEW COMER' })
  await page.getByRole('button', { name: 'Pay Bluebird Tea' }).tap()
  expect(await says()).toBe('tea-1: captured')
  await page.getByText('Thank you!').waitFor()
  expect(await house.closePhones()).toEqual([])
  console.log(`README's first payment took ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`)
})
