/** A phone is gone, and its owner has a code on paper and somebody else's browser. */
import type { Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('a code that was put on paper stops every card from another device', async () => {
  const phone = await house.phone()
  await phone.wallet.addsFirstCard('ada', await house.bank.issuesCard(eur(100_00)))
  const touches = phone.passkeys.touches()
  await phone.page.getByRole('heading', { name: 'If you lose your phone' }).waitFor()
  expect(await faultsOf(phone.page, 'lost/offered')).toEqual([])
  await phone.page.getByRole('button', { name: 'Make a recovery code' }).tap()
  await phone.page.locator('.recovery-code').waitFor()
  await phone.page.emulateMedia({ media: 'print' })
  expect(await phone.page.locator('.recovery-code').isVisible()).toBe(true)
  for (const left of ['.recovery-step > h2', 'dialog .button']) {
    expect(await phone.page.locator(left).first().isVisible()).toBe(false)
  }
  await phone.page.emulateMedia({ media: null })
  const paper = await phone.page.locator('.recovery-code').innerText()
  expect(paper).toMatch(/^(\w{4}-){6}\w{4}$/)
  expect(phone.passkeys.touches()).toBe(touches + 1)
  expect(await faultsOf(phone.page, 'lost/code')).toEqual([])
  await phone.page.getByRole('button', { name: 'I have it on paper' }).tap()
  await phone.page.locator('.recovery-code').waitFor({ state: 'detached' })
  await phone.page.getByText('Your recovery code was made').waitFor()
  expect(await phone.page.content()).not.toContain(paper)

  const other = await house.phone()
  await other.wallet.opens()
  await other.page.getByRole('link', { name: 'Is your phone gone?' }).tap()
  await other.page.getByLabel('Your name').fill('ada')
  await other.page.getByLabel('Recovery code').fill(paper.slice(0, -1))
  await other.page.getByRole('button', { name: 'Freeze all my cards' }).tap()
  await other.page.getByText('This is not how a code looks.').waitFor()
  expect(await faultsOf(other.page, 'lost/report')).toEqual([])
  await other.page.getByLabel('Recovery code').fill(paper.toLowerCase().replaceAll('-', ' '))
  await other.page.getByRole('button', { name: 'Freeze all my cards' }).tap()
  await other.page.getByRole('heading', { name: 'Your cards are frozen' }).waitFor()
  expect(await faultsOf(other.page, 'lost/reported')).toEqual([])

  await phone.page.reload()
  await phone.page.getByRole('button', { name: 'Sign in as ada' }).waitFor()
  const bill = await phone.shop.orders('Espresso')
  await phone.checkout.failsToPay()
  expect(await house.bank.takenBy(bill)).toBe(0)
})

describe('the last step of taking a name', () => {
  /** Somebody new, with a card, who is offered a code. */
  async function atLastStep(name: string) {
    const phone = await house.phone()
    await phone.wallet.addsFirstCard(name, await house.bank.issuesCard(eur(100_00)))
    const { page } = phone
    const code = page.locator('.recovery-code')
    const taps = (button: string) => page.getByRole('button', { name: button }).tap()
    const home = () => page.getByRole('heading', { name: `Hello, ${name}` }).waitFor()
    return { ...phone, code, taps, home }
  }

  it('is not over where the code was put away by Escape: it is gone, and another one takes its place', async () => {
    const { page, code, taps, home } = await atLastStep('emmy')
    await taps('Make a recovery code')
    const lost = await code.innerText()
    await page.keyboard.press('Escape')
    await code.waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain(lost)
    const again = page.getByRole('button', { name: 'Make a new recovery code' })
    await again.waitFor()
    expect(await again.evaluate((button) => button === document.activeElement)).toBe(true)
    expect(await faultsOf(page, 'lost/put-away')).toEqual([])
    await again.tap()
    const kept = await code.innerText()
    expect(kept).not.toBe(lost)
    await taps('I have it on paper')
    await home()

    const other = await house.phone()
    await other.page.goto(`${house.addresses.payment}/lost`)
    await other.page.getByLabel('Your name').fill('emmy')
    for (const [paper, answer] of [
      [lost, 'That code does not belong to this name.'],
      [kept, 'Your cards are frozen'],
    ] as const) {
      await other.page.getByLabel('Recovery code').fill(paper)
      await other.page.getByRole('button', { name: 'Freeze all my cards' }).tap()
      await other.page.getByText(answer).waitFor()
    }
  })

  it('says without a network that no code was made, and makes one once there is one', async () => {
    const { page, context, code, taps, home } = await atLastStep('radia')
    await context.setOffline(true)
    await taps('Make a recovery code')
    await page.getByText('The connection failed. Try again when you are connected.').waitFor()
    expect(await code.count()).toBe(0)
    expect(await faultsOf(page, 'lost/offline')).toEqual([])
    await context.setOffline(false)
    await taps('Make a recovery code')
    await code.waitFor()
    await taps('I have it on paper')
    await home()
  })

  it.each([
    ['cannot be asked whether there is a code', 'vera', (route: Route) => route.abort('connectionreset')],
    ['never says whether there is a code', 'lise', () => undefined],
  ])('keeps nobody from their wallet whose server %s', async (_what, name, answer) => {
    const { page, wallet } = await house.phone()
    await wallet.takesNameAlone(name)
    await page.route('**/api/recovery', answer)
    await wallet.typesCard(await house.bank.issuesCard(eur(100_00)))
    await page.getByRole('button', { name: 'Add card' }).tap()
    await page.getByRole('heading', { name: `Hello, ${name}` }).waitFor()
    await page.locator('.card-picture').waitFor()
  })
})

it('whoever took a name while paying finds the code before every other setting, until it is made', async () => {
  const { page, shop, checkout, wallet } = await house.phone()
  await shop.orders('Espresso')
  await checkout.isNewHere()
  await checkout.takesName('katherine')
  await checkout.typesCard(await house.bank.issuesCard(eur(100_00)))
  await checkout.pays()
  await wallet.opens()
  const settings = async () => {
    await page.getByRole('heading', { name: 'If you lose your phone' }).waitFor()
    const headings = await page.getByRole('heading', { level: 2 }).allInnerTexts()
    return headings.filter((heading) => ['If you lose your phone', 'Passkeys'].includes(heading))
  }
  expect(await settings()).toEqual(['If you lose your phone', 'Passkeys'])
  await page.getByRole('button', { name: 'Make a recovery code' }).tap()
  await page.getByRole('button', { name: 'I have it on paper' }).tap()
  await page.getByText('Your recovery code was made').waitFor()
  await page.reload()
  expect(await settings()).toEqual(['Passkeys', 'If you lose your phone'])
})

it('a code that belongs to nobody, or to somebody else, stops nothing', async () => {
  const phone = await house.phone()
  await phone.wallet.enrols('grace', await house.bank.issuesCard(eur(100_00)))
  const stranger = await house.phone()
  await stranger.page.goto(`${house.addresses.payment}/lost`)
  for (const name of ['grace', 'nobody']) {
    await stranger.page.getByLabel('Your name').fill(name)
    await stranger.page.getByLabel('Recovery code').fill('0000-0000-0000-0000-0000-0000-0000')
    await stranger.page.getByRole('button', { name: 'Freeze all my cards' }).tap()
    await stranger.page.getByText('That code does not belong to this name.').waitFor()
  }
  expect(await faultsOf(stranger.page, 'lost/refused')).toEqual([])
  await phone.shop.orders('Espresso')
  await phone.checkout.pays()
})
