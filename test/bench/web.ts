/**
 * `npm run bench:web`: what a phone downloads and draws, by Lighthouse's mobile rules, of the bill and of the wallet, as the rooms
 * serve them. The median of `--runs=N` a page. Exit code 1 where something moves on the screen, or something falls short that does not
 * depend on the machine.
 */
import { parseArgs } from 'node:util'
import { openTestHouse, type TestHouse } from '../browser/support/test-house.ts'
import { freePort } from '../support/free-port.ts'
import { eur } from '../support/merchant.ts'
import { type Audit, audit } from './audit.ts'
import { firstScript, floorBytes } from './first-script.ts'

const goalBytes = 15_000

const { values: wishes } = parseArgs({ options: { runs: { type: 'string', default: '3' } } })
const runs = Number(wishes.runs)

const say = (...lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)

const house = await openTestHouse()
try {
  await measureScreens(house)
  await sayScript(house)
} finally {
  await house.close()
}

async function measureScreens({ addresses, bank, merchant, phone: openPhone }: TestHouse): Promise<void> {
  const bill = await merchant.asks(eur(2_40))
  const stranger = await browserOf(openPhone)
  const version = stranger.phone.context.browser()?.version() ?? 'of a profile'
  say(`Chromium ${version}, the median of ${runs} by performance, over http on this machine.`, '')
  sayAudit('The bill, to somebody new', await audit(`${addresses.payment}/pay/${bill}`, stranger.debuggingPort, runs))
  // Another browser: Lighthouse takes the first one's fingerprint reader with it.
  const payer = await browserOf(openPhone)
  await payer.phone.wallet.enrols('ada', await bank.issuesCard(eur(100_00)))
  sayAudit('The wallet, signed in and with a card', await audit(`${addresses.payment}/`, payer.debuggingPort, runs))
}

async function browserOf(openPhone: TestHouse['phone']) {
  const debuggingPort = await freePort()
  const browserArguments = [`--remote-debugging-port=${debuggingPort}`]
  return { debuggingPort, phone: await openPhone({ persistent: true, browserArguments }) }
}

function sayAudit(screen: string, { scores, layoutShift, metrics }: Audit): void {
  say(screen)
  for (const { category, score, faults } of scores) {
    say(`  ${category.padEnd(16)}${String(score).padStart(4)}`)
    if (score !== 100) say(...faults.map((fault) => `      ${fault}`))
  }
  say(`  ${'layout shift'.padEnd(16)}${String(layoutShift).padStart(4)}   expected: 0`, `  ${metrics.join(', ')}`, '')
  // How fast it is, is the machine's as much as ours.
  const fallsShort = scores.some(({ category, score }) => category !== 'performance' && score !== 100)
  if (fallsShort || layoutShift !== 0) process.exitCode = 1
}

async function sayScript(house: TestHouse): Promise<void> {
  const [script, floor] = [await firstScript(house, await house.merchant.asks(eur(2_40))), await floorBytes()]
  const of = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  say(
    `The first script of the bill, all that it cannot be shown without, gzip: ${of(script.bytes)}.`,
    `The floor, Preact and one call for a passkey: ${of(floor)}; ${(script.bytes / floor).toFixed(1)} times that.`,
    script.bytes <= goalBytes
      ? `The goal is ${of(goalBytes)}.`
      : `${of(script.bytes - goalBytes)} above the goal of ${of(goalBytes)}. Roughly, by what it is made of:`,
    ...script.parts.map(({ name, bytes }) => `  ${of(bytes).padStart(7)}  ${name}`),
    'In it is the way from the button to the passkey, as no tap may wait for a script, and what the device remembers of who pays, as nothing may move.',
  )
}
