/** Several passkeys for one name: on this device, on another, and gone again. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import type { PayersPhone } from './support/payers-phone.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'
import { keepsPasskeysInSync, type PasskeyKeeper, securityKeyAt } from './support/virtual-authenticator.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

const rich = () => house.bank.issuesCard(eur(100_00))
const section = (page: Page) => page.getByRole('region', { name: 'Passkeys' })
const rows = (page: Page) => section(page).getByRole('listitem').locator('button.passkey')
const sheet = (page: Page) => page.getByRole('dialog')
const taps = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).tap()

/** Makes a passkey on this device, which has none of the name yet, and lets one that is there vouch for it. */
async function addsHere(page: Page): Promise<void> {
  await taps(page, 'Add a passkey')
  await taps(page, 'On this device')
  await sheet(page).getByRole('heading', { name: 'One touch is left' }).waitFor()
  await taps(page, 'Confirm with a passkey you have')
  await page.getByText('The passkey was added.').waitFor()
}

async function bringsNear(phone: PayersPhone, { page }: PayersPhone): Promise<PasskeyKeeper> {
  const near = await securityKeyAt(page)
  for (const credential of await phone.passkeys.credentials()) await near.addCredential(credential)
  return near
}

/** A laptop whose owner signs in with the passkey of their phone, which is near until it is taken away. */
async function laptopOf(phone: PayersPhone): Promise<PayersPhone & { takesPhoneAway(): Promise<void> }> {
  const laptop = await house.phone()
  const near = await bringsNear(phone, laptop)
  await laptop.wallet.opens()
  await taps(laptop.page, 'Sign in with your passkey')
  await rows(laptop.page).first().waitFor()
  return {
    ...laptop,
    async takesPhoneAway() {
      // It is one phone and no clone: what it has counted, it has counted there.
      const credentials = await near.credentials()
      await near.remove()
      await phone.passkeys.clear()
      for (const credential of credentials) await phone.passkeys.addCredential(credential)
    },
  }
}

/** Shows the code for another device. @returns the link in it, as the page has it in letters too */
async function invites(page: Page): Promise<string> {
  await taps(page, 'Add a passkey')
  await taps(page, 'On another device')
  await page.getByRole('img', { name: 'A QR code with the link for your other device' }).locator('path').waitFor()
  await page.getByText('No camera? Type the address').tap()
  return page.locator('code.link').innerText()
}

/** Follows the link on a device of its own. @returns the number that it shows */
async function joins({ page }: PayersPhone, link: string): Promise<string> {
  await page.goto(link)
  await taps(page, 'Make a passkey')
  await page.getByRole('heading', { name: 'Pick this number on your other device' }).waitFor()
  return page.locator('output.number').innerText()
}

describe('a passkey of one’s own', () => {
  it('is listed, and gets a nickname', async () => {
    const { page, wallet, passkeys } = await house.phone()
    await wallet.enrols('ada', await rich())
    await rows(page).first().waitFor()
    expect(await rows(page).allInnerTexts()).toEqual([
      expect.stringMatching(/^A passkey\n.*used today\n.*In use now$/s),
    ])
    const kept = await passkeys.credentials()
    await passkeys.clear()
    for (const one of kept) await passkeys.addCredential({ ...one, userName: 'of old', userDisplayName: 'Of old' })
    await rows(page).first().tap()
    await sheet(page).getByText('This is your only passkey.').waitFor()
    const facts = await sheet(page).locator('dl').innerText()
    expect(facts).toMatch(/^Where\s+On one device and no other\s+Added\s+\w{3} \d+, 20\d\d\s+Last used\s+today$/)
    expect(await faultsOf(page, 'passkeys/only')).toEqual([])
    await sheet(page).getByLabel('Nickname').fill('My phone 手机')
    await taps(page, 'Save')
    await sheet(page).getByRole('heading', { name: 'My phone 手机' }).waitFor()
    await page.keyboard.press('Escape')
    await sheet(page).waitFor({ state: 'detached' })
    await rows(page).filter({ hasText: 'My phone 手机' }).waitFor()
    const spelling = async () => (await passkeys.credentials()).map((kept) => [kept.userName, kept.userDisplayName])
    await expect.poll(spelling).toEqual([['ada', 'ada']])
    await section(page).scrollIntoViewIfNeeded()
    expect(await faultsOf(page, 'passkeys/list')).toEqual([])
  })
})

it('says of a passkey that it is on all devices of its owner, where it is', async () => {
  const { page, wallet } = await house.phone()
  await keepsPasskeysInSync(page)
  await wallet.takesNameAlone('irene')
  await wallet.opens()
  await rows(page).filter({ hasText: 'Synced' }).tap()
  await sheet(page).getByText('Synced to your other devices').waitFor()
})

describe('one more', () => {
  it('is made on a laptop that was signed in by the phone, and pays by itself; the phone hears that it came', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('grace', await rich())
    const laptop = await laptopOf(phone)
    await taps(laptop.page, 'Add a passkey')
    expect(await faultsOf(laptop.page, 'passkeys/adding')).toEqual([])
    await taps(laptop.page, 'On this device')
    await sheet(laptop.page).getByRole('heading', { name: 'One touch is left' }).waitFor()
    expect(await faultsOf(laptop.page, 'passkeys/made')).toEqual([])
    await taps(laptop.page, 'Confirm with a passkey you have')
    await laptop.page.getByText('The passkey was added.').waitFor()
    await laptop.page.getByText('The passkey was added.').scrollIntoViewIfNeeded()
    expect(await faultsOf(laptop.page, 'passkeys/added')).toEqual([])
    await expect.poll(() => rows(laptop.page).count()).toBe(2)

    await laptop.takesPhoneAway()
    const bill = await laptop.shop.orders('Espresso')
    await laptop.checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(2_40)
    await laptop.wallet.opens()
    await rows(laptop.page).first().waitFor()
    expect(await laptop.page.getByRole('alert').count()).toBe(0)

    await phone.wallet.opens()
    const news = phone.page.getByRole('alert').filter({ hasText: /A passkey was added on .*\./ })
    await news.waitFor()
    expect(await faultsOf(phone.page, 'passkeys/news')).toEqual([])
    await taps(phone.page, 'It was me')
    await news.waitFor({ state: 'detached' })
    await phone.wallet.opens()
    await rows(phone.page).first().waitFor()
    expect(await news.count()).toBe(0)
  })

  it('is made on a security key where the device has one already', async () => {
    const { page, wallet } = await house.phone()
    await wallet.enrols('katherine', await rich())
    const key = await securityKeyAt(page)
    await taps(page, 'Add a passkey')
    await taps(page, 'On this device')
    await sheet(page).getByText('This device keeps a passkey of this name already.').waitFor()
    expect(await faultsOf(page, 'passkeys/exists')).toEqual([])
    await taps(page, 'On a security key, or in another app')
    await sheet(page).getByRole('heading', { name: 'One touch is left' }).waitFor()
    expect(await key.credentials()).toHaveLength(1)
    await key.remove()
    await taps(page, 'Confirm with a passkey you have')
    await page.getByText('The passkey was added.').waitFor()
  })

  it('is no more than an idea where nobody vouches for it: it vanishes from the device', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('mary', await rich())
    const laptop = await laptopOf(phone)
    await taps(laptop.page, 'Add a passkey')
    await taps(laptop.page, 'On this device')
    await sheet(laptop.page).getByRole('heading', { name: 'One touch is left' }).waitFor()
    expect(await laptop.passkeys.credentials()).toHaveLength(1)
    await taps(laptop.page, /^Close$/)
    await expect.poll(() => laptop.passkeys.credentials()).toHaveLength(0)
    expect(await rows(laptop.page).count()).toBe(1)
  })

  it('is made on another phone by a code: both move on by themselves, and each pays with what the other added', async () => {
    const first = await house.phone()
    await first.wallet.enrols('annie', await rich())
    const link = await invites(first.page)
    expect(link).toMatch(/\/join\/[A-Za-z0-9_-]{22}#[A-Za-z0-9_-]{22}$/)
    expect(await faultsOf(first.page, 'passkeys/code')).toEqual([])

    const second = await house.phone()
    await second.page.goto(link)
    await second.page.getByRole('heading', { name: 'Pay as annie on this device' }).waitFor()
    expect(await faultsOf(second.page, 'passkeys/join')).toEqual([])
    await taps(second.page, 'Make a passkey')
    const number = await second.page.locator('output.number').innerText()
    expect(await faultsOf(second.page, 'passkeys/join-number')).toEqual([])
    await first.page.getByRole('heading', { name: 'Which number does it show?' }).waitFor()
    expect(await faultsOf(first.page, 'passkeys/numbers')).toEqual([])
    await sheet(first.page).getByRole('button', { name: number, exact: true }).tap()
    await first.page.getByText('The passkey was added.').waitFor()
    await second.page.getByRole('heading', { name: 'This device is ready for annie' }).waitFor()
    expect(await faultsOf(second.page, 'passkeys/joined')).toEqual([])
    await taps(second.page, 'Open the wallet')
    await second.page.getByRole('heading', { name: 'Hello, annie' }).waitFor()
    await rows(second.page).nth(1).waitFor()
    expect(await second.page.getByRole('alert').count()).toBe(0)

    const bill = await second.shop.orders('Espresso')
    await second.checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(2_40)

    await second.wallet.opens()
    await second.page.getByRole('link', { name: 'Add a card' }).tap()
    const card = await rich()
    await second.wallet.typesCard(card)
    await taps(second.page, 'Add card')
    await expect.poll(() => second.page.locator('.card-picture').count()).toBe(2)
    await first.wallet.opens()
    await expect.poll(() => first.page.locator('.card-picture').count()).toBe(2)
    const another = await first.shop.orders('Flat white')
    await first.checkout.choosesCardEnding(card.number.slice(-4))
    await first.checkout.pays()
    expect(await house.bank.takenBy(another)).toBe(3_80)
  })

  it('is asked for again on the other device where the network was away', async () => {
    const first = await house.phone()
    await first.wallet.enrols('erika', await rich())
    const link = await invites(first.page)
    const other = await house.phone()
    await other.page.route('**/api/invitations/**', (route) => route.abort('internetdisconnected'))
    await other.page.goto(link)
    await other.page.getByText('The connection failed.').waitFor()
    expect(await faultsOf(other.page, 'passkeys/join-offline')).toEqual([])
    await other.page.unroute('**/api/invitations/**')
    await taps(other.page, 'Try again')
    await other.page.getByRole('button', { name: 'Make a passkey' }).waitFor()
  })

  it('is not added by whoever else has read the code: a wrong number ends it, on both devices', async () => {
    const first = await house.phone()
    await first.wallet.enrols('dorothy', await rich())
    const link = await invites(first.page)
    const other = await house.phone()
    const number = await joins(other, link)
    await first.page.getByRole('heading', { name: 'Which number does it show?' }).waitFor()
    const numbers = await sheet(first.page).locator('.numbers').getByRole('button').allInnerTexts()
    expect(numbers).toHaveLength(3)
    expect(numbers).toContain(number)
    const wrong = numbers.find((shown) => shown !== number) ?? ''
    await sheet(first.page).getByRole('button', { name: wrong, exact: true }).tap()
    await sheet(first.page).getByText('That is not the number, so the code is void.').waitFor()
    expect(await faultsOf(first.page, 'passkeys/wrong-number')).toEqual([])
    await other.page.getByRole('heading', { name: 'This link is over' }).waitFor()
    expect(await faultsOf(other.page, 'passkeys/join-over')).toEqual([])
    await first.page.keyboard.press('Escape')
    expect(await rows(first.page).count()).toBe(1)
  })

  it('is not made by a code that another device has used, or that was put away', async () => {
    const first = await house.phone()
    await first.wallet.enrols('gladys', await rich())
    const link = await invites(first.page)
    await joins(await house.phone(), link)
    const late = await house.phone()
    await late.page.goto(link)
    await late.page.getByRole('heading', { name: 'This link is over' }).waitFor()

    await first.page.getByRole('heading', { name: 'Which number does it show?' }).waitFor()
    await taps(first.page, /^Close$/)
    const next = await invites(first.page)
    await taps(first.page, /^Close$/)
    await expect
      .poll(async () => {
        await late.page.goto('about:blank')
        await late.page.goto(next)
        await late.page.locator('h1').waitFor()
        return late.page.locator('h1').innerText()
      })
      .toBe('This link is over')
  })
})

describe('one that is removed', () => {
  it('vanishes from the device that kept it, and pays no more', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('barbara', await rich())
    const laptop = await laptopOf(phone)
    await addsHere(laptop.page)
    expect(await laptop.passkeys.credentials()).toHaveLength(1)

    await taps(laptop.page, /^Remove /)
    await sheet(laptop.page).getByRole('heading', { name: 'Remove this passkey?' }).waitFor()
    expect(await faultsOf(laptop.page, 'passkeys/removal')).toEqual([])
    await taps(laptop.page, 'Remove for good')
    await laptop.page.getByText('If a device still offers it, delete it there').waitFor()
    expect(await faultsOf(laptop.page, 'passkeys/removed')).toEqual([])
    await expect.poll(() => rows(laptop.page).count()).toBe(1)
    await expect.poll(() => laptop.passkeys.credentials()).toHaveLength(0)
  })

  it('has to be deleted by hand where the browser cannot tell the device, and the page says so', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('hedy', await rich())
    const laptop = await laptopOf(phone)
    await addsHere(laptop.page)
    await laptop.context.addInitScript(() => {
      for (const name of ['signalAllAcceptedCredentials', 'signalCurrentUserDetails', 'signalUnknownCredential']) {
        Reflect.deleteProperty(PublicKeyCredential, name)
      }
    })
    await laptop.page.reload()
    await rows(laptop.page).nth(1).tap()
    await taps(laptop.page, 'Remove this passkey')
    await taps(laptop.page, 'Remove for good')
    await laptop.page.getByText('This browser cannot tell your device: delete it there yourself').waitFor()
    expect(await laptop.passkeys.credentials()).toHaveLength(1)
  })

  it('by a passkey that is left ends its own sessions: a phone that was lost is out at once', async () => {
    const lost = await house.phone()
    await lost.wallet.enrols('joan', await rich())
    const laptop = await laptopOf(lost)
    await addsHere(laptop.page)
    await laptop.takesPhoneAway()
    // Signed in by the lost phone's passkey, the laptop itself is signed out with it.
    await rows(laptop.page).first().tap()
    await taps(laptop.page, 'Remove this passkey')
    await sheet(laptop.page).getByText('you will be signed out here').waitFor()
    await taps(laptop.page, 'Remove for good')
    await taps(laptop.page, 'Sign in as joan')
    await rows(laptop.page).first().waitFor()
    expect(await rows(laptop.page).count()).toBe(1)

    await lost.wallet.opens()
    await taps(lost.page, 'Sign in as joan')
    await lost.page
      .getByText('Nobody has this passkey any more. Nothing was charged. Your device was asked to drop it')
      .waitFor()
    expect(await faultsOf(lost.page, 'passkeys/gone')).toEqual([])
    await expect.poll(() => lost.passkeys.credentials()).toHaveLength(0)
    const bill = await lost.shop.orders('Espresso')
    expect(await lost.checkout.failsToPay()).not.toBe('')
    expect(await house.bank.takenBy(bill)).toBe(0)
  })

  it('is the one that somebody says was not theirs; the device that made it is told at the next sign-in', async () => {
    const phone = await house.phone()
    await phone.wallet.enrols('evelyn', await rich())
    const laptop = await laptopOf(phone)
    await addsHere(laptop.page)
    await laptop.takesPhoneAway()
    await phone.wallet.opens()
    await taps(phone.page, 'Not you? Remove it.')
    await taps(phone.page, 'Remove for good')
    await sheet(phone.page).waitFor({ state: 'detached' })
    expect(await rows(phone.page).count()).toBe(1)
    expect(await phone.page.getByRole('alert').count()).toBe(0)

    expect(await laptop.passkeys.credentials()).toHaveLength(1)
    await laptop.wallet.opens()
    await taps(laptop.page, 'Sign out')
    await bringsNear(phone, laptop)
    await taps(laptop.page, 'Sign in as evelyn')
    await rows(laptop.page).first().waitFor()
    await expect.poll(() => laptop.passkeys.credentials()).toHaveLength(0)
  })
})

it('is all there in Chinese', async () => {
  const first = await house.phone({ locale: 'zh-CN' })
  await first.wallet.enrols('王小明', await rich())
  const { page } = first
  await page.getByRole('region', { name: '通行密钥' }).scrollIntoViewIfNeeded()
  expect(await faultsOf(page, 'passkeys/list-zh')).toEqual([])
  await taps(page, '添加通行密钥')
  expect(await faultsOf(page, 'passkeys/adding-zh')).toEqual([])
  await taps(page, '在另一台设备上')
  await page.getByRole('img', { name: '二维码，内含给另一台设备的链接' }).locator('path').waitFor()
  expect(await faultsOf(page, 'passkeys/code-zh')).toEqual([])
  await page.getByText('没有相机？请输入网址').tap()
  const link = await page.locator('code.link').innerText()

  const second = await house.phone({ locale: 'zh-CN' })
  await second.page.goto(link)
  await second.page.getByRole('heading', { name: '在此设备上以 王小明 付款' }).waitFor()
  expect(await faultsOf(second.page, 'passkeys/join-zh')).toEqual([])
  await taps(second.page, '创建通行密钥')
  const number = await second.page.locator('output.number').innerText()
  await page.getByRole('heading', { name: '它显示哪个数字？' }).waitFor()
  expect(await faultsOf(page, 'passkeys/numbers-zh')).toEqual([])
  await sheet(page).getByRole('button', { name: number, exact: true }).tap()
  await second.page.getByRole('heading', { name: '此设备已可以用 王小明 付款' }).waitFor()
  expect(await faultsOf(second.page, 'passkeys/joined-zh')).toEqual([])
  await page.locator('.passkey').nth(1).tap()
  await taps(page, '移除这个通行密钥')
  await taps(page, '永久移除')
  await page.getByText('请在那里的密码与通行密钥设置中删除').waitFor()
})
