import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openHouse } from '../../../server/house.ts'
import type { Peer } from '../../../server/runtime/peer.ts'
import { type Clock, systemClock } from '../../../server/runtime/room.ts'
import type { Addresses } from '../../../server/settings.ts'
import { type BankDriver, bankDriver } from '../../support/bank.ts'
import { type SoftwareMerchant, softwareMerchant } from '../../support/merchant.ts'
import { launchBrowser } from './chromium.ts'
import { nodeFetch } from './node-fetch.ts'
import { openPayersPhone, type PayersPhone } from './payers-phone.ts'
import type { PhoneOptions } from './phone.ts'

/** What the line to another room does with a request; it may or may not ask. */
export type Line = (ask: Peer, request: Request) => Promise<Response>
type BreakableLine = { becomes(line: Line): void; isMended(): void }

/** Every room, as `npm start` opens them, and the phones of those who pay. */
export type TestHouse = {
  readonly addresses: Addresses
  readonly dataDirectory: string
  /** The bank, seen through the simulator's own door. */
  readonly bank: BankDriver
  /** Another server of the shop: asks for money as the shop does, in ways its pages do not. */
  readonly merchant: SoftwareMerchant
  readonly clock: Clock & { advance(ms: number): void }
  readonly lineToBank: BreakableLine
  /** From the shop's till to the payment server. */
  readonly lineFromShop: BreakableLine
  phone(options?: PhoneOptions): Promise<PayersPhone>
  /** Ends every room, and opens it again at its address with other pages of the wallet, as an operator would. */
  deploys(webDirectory: string): Promise<void>
  /** @returns the troubles of every phone opened since the last time; a test expects none */
  closePhones(): Promise<string[]>
  close(): Promise<void>
}

const asInLife: Line = (ask, request) => ask(request)
const minuteMs = 60_000

export async function openTestHouse(): Promise<TestHouse> {
  const browser = await launchBrowser()
  try {
    return await openAround(browser)
  } catch (error) {
    await browser.close()
    throw error
  }
}

async function openAround(browser: Browser): Promise<TestHouse> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'moniker-browser-'))
  const clock = shiftedClock()
  const lines = { bank: breakableLine(), payment: breakableLine() }
  const open = (where: Record<string, string>) =>
    openHouse(
      { DATA_DIRECTORY: dataDirectory, ...where },
      { clock, way: (to, ask) => (to === 'shop' ? ask : (request) => lines[to].ask(ask, request)) },
    )
  let house = await open({ BANK_PORT: '0', PAYMENT_PORT: '0', SHOP_PORT: '0', ...pagesElsewhere() })
  const { addresses } = house
  const apiKey = await readFile(join(dataDirectory, 'shop', 'api-key'), 'utf8')
  const phones: PayersPhone[] = []

  async function closePhones(): Promise<string[]> {
    const closed = phones.splice(0)
    for (const phone of closed) await phone.close()
    return closed.flatMap(({ troubles }) => troubles)
  }

  return {
    addresses,
    dataDirectory,
    bank: bankDriver(nodeFetch, addresses.bank),
    merchant: softwareMerchant({
      http: nodeFetch,
      origin: addresses.payment,
      apiKey: apiKey.trim(),
      shopOrigin: addresses.shop,
    }),
    clock,
    lineToBank: lines.bank,
    lineFromShop: lines.payment,
    async phone(options = {}) {
      // All of them are one network to the payment server, which lets a network write so often a minute and no oftener.
      clock.advance(minuteMs)
      const phone = await openPayersPhone(browser, addresses, options)
      phones.push(phone)
      return phone
    },
    async deploys(webDirectory) {
      await house.end()
      house = await open({ ...portsOf(addresses), WEB_DIRECTORY: webDirectory })
    },
    closePhones,
    async close() {
      await closePhones()
      await browser.close()
      await house.end()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

function breakableLine(): BreakableLine & { readonly ask: Line } {
  let line = asInLife
  return {
    ask: (ask, request) => line(ask, request),
    becomes(otherLine) {
      line = otherLine
    },
    isMended() {
      line = asInLife
    },
  }
}

const portsOf = ({ bank, payment, shop }: Addresses) => ({
  BANK_PORT: new URL(bank).port,
  PAYMENT_PORT: new URL(payment).port,
  SHOP_PORT: new URL(shop).port,
})

/** `WEB_DIRECTORY`: pages that were built somewhere else than where they are served from, so as to look at them alone. */
const pagesElsewhere = (): { WEB_DIRECTORY?: string } => {
  const { WEB_DIRECTORY } = process.env
  return WEB_DIRECTORY ? { WEB_DIRECTORY } : {}
}

/** Runs as time does, as browsers' clocks do, and jumps ahead when told. */
function shiftedClock(): Clock & { advance(ms: number): void } {
  let aheadMs = 0
  return {
    nowMs: () => systemClock.nowMs() + aheadMs,
    advance(ms) {
      aheadMs += ms
    },
  }
}
