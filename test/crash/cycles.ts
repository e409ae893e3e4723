import { randomInt } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import type { Engine } from '../../server/runtime/database.ts'
import { differencesOf, unsettled } from './check.ts'
import { isListening, shopDifferencesOf, type ToldShop, toldShop, untold } from './check-shop.ts'
import { type DatabaseServer, databaseServer } from './database-server.ts'
import { load } from './load.ts'
import { openReadOnly, type Reader } from './read-only.ts'
import { type DatabaseUrls, type RoomName, type Rooms, roomsApart } from './rooms.ts'
import { within } from './within.ts'
import { type Witness, witness } from './witness.ts'

const victims = ['payment', 'bank', 'both rooms', 'shop', 'database'] as const
type Victim = (typeof victims)[number]
/** How long the load runs between a start and the next kill, and how long the killed stay away. */
const runsMs = { min: 50, max: 1_200 }
const awayMsMax = 300
/** After the last cycle clocks are set ahead: what was never answered is old enough to be reversed, and what was never heard is told again. */
const laterByMs = 3 * 60 * 60_000
const settlesWithinMs = 60_000

export type CrashReport = {
  readonly engine: Engine
  readonly cycles: number
  readonly kills: Readonly<Record<Victim, number>>
  /** Bills that the shop made, those of which somebody was told that they are paid, and that something was given back. */
  readonly bills: number
  readonly paid: number
  readonly refunded: number
  readonly shop: ToldShop
  readonly differences: readonly string[]
  /** Kept for inspection where there are differences. */
  readonly directory: string
}

/** Kills processes under load, again and again; then lets all settle and compares the books. */
export async function crashCycles(engine: Engine, cycles: number): Promise<CrashReport> {
  const directory = await mkdtemp(join(tmpdir(), 'moniker-crash-'))
  await chmod(directory, 0o711) // the database server may run as another user
  const server = engine === 'postgres' ? await databaseServer(join(directory, 'postgres')) : null
  try {
    const report = { engine, cycles, directory, ...(await killAndCompare(directory, server, cycles)) }
    if (report.differences.length === 0) await rm(directory, { recursive: true, force: true })
    return report
  } finally {
    await server?.stop()
  }
}

async function killAndCompare(directory: string, server: DatabaseServer | null, cycles: number) {
  const urls = await databaseUrls(directory, server)
  const rooms = await roomsApart(directory, urls)
  const notes = witness()
  const kills: Record<Victim, number> = { payment: 0, bank: 0, 'both rooms': 0, shop: 0, database: 0 }
  try {
    await rooms.start(['bank', 'payment'])
    await rooms.start(['shop'])
    await eventually(urls.payment, (reader) => isListening(reader))
    const crowd = await load(rooms, notes)
    for (let cycle = 0; cycle < cycles; cycle += 1) kills[await crash(rooms, server)] += 1
    await within('the load to end', crowd.stop())
    await settle(rooms, urls)
    for (const id of notes.seen.keys()) await crowd.tells(id)
    await rooms.stop()
  } finally {
    await rooms.kill(['shop', 'payment', 'bank']) // what could not be stopped must not outlive the report of it
  }
  const seen = [...notes.seen.values()]
  return {
    kills,
    bills: seen.length,
    paid: seen.filter(({ isToldPaid }) => isToldPaid).length,
    refunded: seen.filter(({ toldRefundedMinor }) => toldRefundedMinor > 0).length,
    ...(await compared(notes, urls, rooms)),
  }
}

export function summaryOf({ engine, cycles, kills, bills, paid, refunded, shop, differences }: CrashReport): string {
  const victimsKilled = Object.entries(kills).map(([victim, count]) => `${victim} ${count}`)
  const told = `${bills} bills, ${paid} acknowledged as paid, ${refunded} of them as refunded`
  const heard = `the shop served ${shop.tickets} of its orders, and was told ${shop.events} events in ${shop.attempts} tries, ${shop.heard - shop.events} times again what it had heard`
  return `crash, ${engine}: ${cycles} cycles; killed: ${victimsKilled.join(', ')}; ${told}; ${heard}; differences: ${differences.length}`
}

/** @returns who was killed */
async function crash(rooms: Rooms, server: DatabaseServer | null): Promise<Victim> {
  await setTimeout(randomInt(runsMs.min, runsMs.max))
  const victim = victims[randomInt(server === null ? victims.length - 1 : victims.length)] ?? 'bank'
  if (victim === 'database') {
    await server?.kill()
    await setTimeout(randomInt(awayMsMax))
    await server?.startAgain()
    return victim
  }
  const names: readonly RoomName[] = victim === 'both rooms' ? ['payment', 'bank'] : [victim]
  await rooms.kill(names)
  await setTimeout(randomInt(awayMsMax))
  await rooms.start(names)
  return victim
}

/**
 * The shop goes ahead, and learns how to hear while the payment server is there to be asked: all that is due is told as soon as that one is
 * back, and what is not heard then is not told again for hours.
 */
async function settle(rooms: Rooms, urls: DatabaseUrls): Promise<void> {
  await rooms.stop(['shop'])
  await rooms.start(['shop'], laterByMs)
  await eventually(urls.payment, () => rooms.canShopHear())
  await rooms.stop(['payment', 'bank'])
  await rooms.start(['bank', 'payment'], laterByMs)
  const laterMs = Date.now() + laterByMs
  await eventually(
    urls.payment,
    async (reader) => (await unsettled(reader, laterMs)) === 0 && (await untold(reader)) === 0,
  )
}

/** Looks until it is so. Where it never is, the comparison says what is missing. */
async function eventually(url: string, isSo: (reader: Reader) => Promise<boolean>): Promise<void> {
  const reader = await openReadOnly(url)
  const untilMs = performance.now() + settlesWithinMs
  while (!(await isSo(reader)) && performance.now() < untilMs) await setTimeout(200)
  await reader.close()
}

async function compared(notes: Witness, urls: DatabaseUrls, { deaths, logOf }: Rooms) {
  const readers = await Promise.all([openReadOnly(urls.payment), openReadOnly(urls.bank), openReadOnly(urls.shop)])
  const [payment, bank, shop] = readers
  try {
    const books = await differencesOf(notes, payment, bank)
    const orders = await shopDifferencesOf(payment, shop)
    return { shop: await toldShop(payment, shop, logOf('shop')), differences: [...books, ...orders, ...deaths] }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}

async function databaseUrls(directory: string, server: DatabaseServer | null): Promise<DatabaseUrls> {
  const names = ['payment', 'cards', 'bank', 'shop'] as const
  if (server === null) {
    const of = (name: string) => `sqlite:${join(directory, `${name}.db`)}`
    return { payment: of('payment'), cards: of('cards'), bank: of('bank'), shop: of('shop') }
  }
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  for (const name of names) await client.query(`create database ${name}`)
  await client.end()
  const of = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  return { payment: of('payment'), cards: of('cards'), bank: of('bank'), shop: of('shop') }
}
