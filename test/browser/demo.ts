/**
 * `npm run demo`: the whole story on three phones, in a house of its own, with what the bank recorded after each step.
 * Pictures go to `.cache/demo/`; with `--readme` the three that README shows are taken anew.
 */
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { type CardNumber, parseCardNumber } from '../../shared/cardholder/card-number.ts'
import type { PaymentId } from '../../shared/identifiers.ts'
import { bookingsOf } from './support/bookings.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import type { PhoneOptions } from './support/phone.ts'
import { screenshot } from './support/screenshot.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

const pictures = '.cache/demo'
const readmePictures = 'web/public/screenshots'

type Person = {
  readonly folder: string
  readonly phone: PhoneOptions
  readonly name: string
  readonly holder: string
  readonly drinks: readonly [string, string]
}

const people: readonly Person[] = [
  {
    folder: 'light',
    phone: { colorScheme: 'light' },
    name: 'ada',
    holder: 'Ada Lovelace',
    drinks: ['Flat white', 'Espresso'],
  },
  {
    folder: 'dark',
    phone: { colorScheme: 'dark' },
    name: 'grace_h',
    holder: 'Grace Hopper',
    drinks: ['Matcha', 'Espresso'],
  },
  {
    folder: 'zh',
    phone: { locale: 'zh-CN' },
    name: '王小明',
    holder: 'WANG XIAOMING',
    drinks: ['抹茶拿铁', '意式浓缩'],
  },
]

/** What README shows, and in whose story it is seen. */
const shownInReadme: Readonly<Record<string, string>> = {
  'light/returning': 'pay-light',
  'dark/receipt': 'receipt-dark',
  'light/wallet': 'wallet-light',
}

const isForReadme = process.argv.includes('--readme')
await rm(fileURLToPath(new URL(`../../${pictures}/`, import.meta.url)), { recursive: true, force: true })
const house = await openTestHouse()
try {
  for (const person of people) await tell(house, person)
  const { sumsToZero, transactions } = await house.bank.check()
  say(`The bank's books: ${transactions} transactions, ${sumsToZero ? 'which add up to zero' : 'WHICH DO NOT ADD UP'}.`)
  say(`Pictures of every screen: ${pictures}/`)
  if (!sumsToZero) process.exitCode = 1
} finally {
  await house.close()
}

async function tell(
  { addresses, phone: openPhone }: TestHouse,
  { folder, phone: options, name, holder, drinks }: Person,
) {
  say(`\n${name}, on a phone of ${folder} looks`)
  const phone = await openPhone(options)
  const { page, shop, checkout, wallet } = phone
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const shows = picturesOf(phone, folder)
  const [first, second] = drinks

  say('opens the shop and the wallet')
  await wallet.opens()
  await page.getByRole('heading').first().waitFor()
  await shows('first-visit')
  await shop.opens()
  await shows('menu')

  say(`orders: ${first}`)
  const bill = await shop.orders(first)
  await checkout.payButton.waitFor()
  await shows('bill')

  say('is new here: takes a name and makes a passkey (first touch)')
  await checkout.isNewHere()
  await checkout.triesName(name)
  await shows('name')
  await checkout.takesName(name)

  say('types a card and pays with it (one touch for both)')
  await checkout.typesCard(cardOf(parseCardNumber('4111111111111111'), holder))
  await shows('card')
  await checkout.pays()
  await checkout.staysOnReceipt()
  await shows('receipt')
  await tellBookings(bill)
  await checkout.goesBackToShop()
  await shop.says()
  await shows('order')

  say(`comes back and orders: ${second}; one tap, one touch`)
  const next = await shop.orders(second)
  await checkout.payButton.waitFor()
  await shows('returning')
  await checkout.pays()
  await shop.says()
  await tellBookings(next)

  say('opens the wallet, and loses the network')
  await wallet.opens()
  await page.locator('.card-picture').waitFor()
  await shows('wallet')
  await wallet.isReadyForOffline()
  await phone.context.setOffline(true)
  await page.reload()
  await page.locator('.offline').waitFor()
  await shows('offline')
  await phone.context.setOffline(false)

  say(`orders: ${first}, and adds a card that has no money: the bank declines`)
  const declined = await shop.orders(first)
  await checkout.addsAnotherCard()
  await checkout.typesCard(cardOf(parseCardNumber('4000000000009995'), holder))
  await checkout.failsToPay()
  await shows('declined')
  await tellBookings(declined)

  say('pays with the first card after all')
  await checkout.choosesCardEnding('1111')
  await checkout.pays()
  await shop.says()
  await tellBookings(declined)

  say('orders once more, and changes their mind')
  const canceled = await shop.orders(second)
  await checkout.cancels()
  await shop.says()
  await shows('order-canceled')
  await tellBookings(canceled)

  say("looks at the bank's page")
  await page.goto(addresses.bank)
  await shows('bank')
  for (const trouble of phone.troubles) {
    say(`  trouble: ${trouble}`)
    process.exitCode = 1
  }
}

function picturesOf({ page }: PayersPhone, folder: string) {
  let count = 0
  return async (name: string): Promise<void> => {
    count += 1
    await screenshot(page, `${folder}/${String(count).padStart(2, '0')}-${name}`, { folder: pictures })
    const shown = shownInReadme[`${folder}/${name}`]
    if (isForReadme && shown !== undefined) await screenshot(page, shown, { folder: readmePictures, small: true })
  }
}

function cardOf(number: CardNumber, holder: string): CardDetails {
  return { number, expiry: { month: 12, year: new Date().getUTCFullYear() + 3 }, code: '123', name: holder }
}

async function tellBookings(payment: PaymentId): Promise<void> {
  for (const line of await bookingsOf(house.addresses.bank, payment)) say(`    ${line}`)
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
