/** What a payer reads when a payment does not come about, and what they can do then. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { withWrongCode } from '../support/bank.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => {
  house.lineToBank.isMended()
  expect(await house.closePhones()).toEqual([])
})
afterAll(() => house.close())

const goodCard = () => house.bank.issuesCard(eur(100_00))
const minutes = (count: number) => count * 60_000

/** Somebody new, on the bill of a flat white, with a name and no card yet. */
async function atCardForm(name: string) {
  const phone = await house.phone()
  const bill = await phone.shop.orders('Flat white')
  await phone.checkout.isNewHere()
  await phone.checkout.takesName(name)
  return { ...phone, bill }
}

/** Somebody who paid before, on the bill of a flat white. */
async function atBill(name: string) {
  const phone = await house.phone()
  await phone.wallet.enrols(name, await goodCard())
  return { ...phone, bill: await phone.shop.orders('Flat white') }
}

describe('a decline of the bank', () => {
  it('says that there is not enough money, and another card pays', async () => {
    const { page, shop, checkout, bill } = await atCardForm('ada')
    const card = { ...(await goodCard()), number: parseCardNumber('4000000000009995') }
    await checkout.typesCard(card)
    expect(await checkout.failsToPay()).toBe(
      'Not paid There is not enough money on this card. Nothing was charged. Try another card. 4 tries are left.',
    )
    expect(await faultsOf(page, 'refuse/declined')).toEqual([])
    expect(await house.bank.takenBy(bill)).toBe(0)

    await checkout.addsAnotherCard()
    await checkout.typesCard(await goodCard())
    await checkout.pays()
    expect(await shop.says()).toContain('Paid. Thank you!')
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it.each([
    ['lost-card', 'This card was reported lost.'],
    ['limit-exceeded', 'This is more than the limit of this card.'],
    ['expired-card', 'This card has expired.'],
  ] as const)('says why: %s', async (reason, words) => {
    const { checkout } = await atCardForm(reason)
    await checkout.typesCard(await house.bank.issuesCard(eur(100_00), reason))
    expect(await checkout.failsToPay()).toContain(words)
  })

  it('of a wrong code is corrected where it was typed', async () => {
    const { page, checkout, bill } = await atCardForm('grace')
    const card = await goodCard()
    await checkout.typesCard(withWrongCode(card))
    expect(await checkout.failsToPay()).toContain('The security code is not right. Nothing was charged. Type it again.')
    expect(await faultsOf(page, 'refuse/wrong-code')).toEqual([])
    await checkout.typesCard(card)
    await checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })
})

describe('a passkey', () => {
  it('of somebody else is refused in clear words, and five failures end the bill, not the name', async () => {
    await (await house.phone()).wallet.enrols('katherine', await goodCard())
    const { page, shop, checkout, passkeys, bill } = await atBill('dorothy')
    await passkeys.setPresence(false)
    await checkout.isSomebodyElse()
    await checkout.typesName('katherine')
    await passkeys.setPresence(true)
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await checkout.failsToPay()).toBe(
        'That passkey belongs to another name. Nothing was charged. Check the name, or pick another passkey.',
      )
    }
    expect(await faultsOf(page, 'refuse/wrong-passkey')).toEqual([])

    await checkout.triesToPay()
    expect(await checkout.end()).toMatch(/^Not paid This bill was tried too often\. Nothing was charged\./)
    expect(await faultsOf(page, 'refuse/too-often')).toEqual([])
    await checkout.goesBackToShop()
    expect(await shop.says()).toContain('The payment was declined')
    expect(await faultsOf(page, 'refuse/order-declined')).toEqual([])

    const nextBill = await shop.triesAgain()
    await checkout.pays()
    expect([await house.bank.takenBy(bill), await house.bank.takenBy(nextBill)]).toEqual([0, 3_80])
  })

  it('that is not touched leaves the bill as it was', async () => {
    const { page, checkout, passkeys, bill } = await atBill('annie')
    await passkeys.setUserVerified(false)
    expect(await checkout.failsToPay()).toBe(
      'Your passkey was not used. Nothing was charged and nothing is lost. Try again whenever you like.',
    )
    expect(await faultsOf(page, 'refuse/dismissed')).toEqual([])
    expect((await house.merchant.sees(bill)).state).toBe('created')
    await passkeys.setUserVerified(true)
    await checkout.pays()
  })
})

describe('an enrolment that was interrupted', () => {
  it('after the card was typed is one touch from paid: the card stays sealed', async () => {
    const { page, checkout, passkeys, bill } = await atCardForm('barbara')
    await checkout.typesCard(await goodCard())
    await passkeys.setUserVerified(false)
    await checkout.triesToPay()
    await checkout.sees('Your card is sealed')
    await checkout.sees('Nothing was charged and nothing is lost.')
    expect(await faultsOf(page, 'refuse/sealed')).toEqual([])
    await passkeys.setUserVerified(true)
    await checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it('before the card goes on at the next bill', async () => {
    const { wallet, shop, checkout } = await house.phone()
    await wallet.takesNameAlone('evelyn')
    const bill = await shop.orders('Flat white')
    await checkout.triesToPay()
    await checkout.typesCard(await goodCard())
    await checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })
})

describe('a bill', () => {
  it('whose time is over says so by itself', async () => {
    const { page, shop, checkout } = await house.phone()
    await page.clock.install()
    await shop.orders('Flat white')
    await checkout.sees('Open for 29')
    house.clock.advance(minutes(31))
    await page.clock.fastForward(minutes(31))
    expect(await checkout.end()).toMatch(/^This bill has expired Nothing was charged\./)
    expect(await faultsOf(page, 'refuse/expired')).toEqual([])
    await checkout.goesBackToShop()
    expect(await shop.says()).toContain('The bill has expired')
  })

  it('whose time is over takes no touch that comes too late', async () => {
    const { page, checkout } = await atBill('margaret')
    const bill = await house.merchant.asks(eur(12_50), { expiresInSeconds: 60 })
    await page.goto(`${house.addresses.payment}/pay/${bill}`)
    await checkout.payButton.waitFor()
    house.clock.advance(minutes(1))
    await checkout.triesToPay()
    expect(await checkout.end()).toContain('This bill has expired')
    expect(await house.bank.takenBy(bill)).toBe(0)
  })

  it('that is paid is not paid again by going back', async () => {
    const { page, shop, checkout, bill } = await atBill('mary')
    await checkout.pays()
    await shop.says()
    await page.goBack()
    await page.getByRole('heading', { name: 'This bill is paid' }).waitFor()
    expect(await checkout.payButton.count()).toBe(0)
    expect(await faultsOf(page, 'refuse/paid-before')).toEqual([])
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it('that the payer calls off is off, and the shop offers another', async () => {
    const { page, shop, checkout } = await house.phone()
    const bill = await shop.orders('Flat white')
    await checkout.cancels()
    expect(await shop.says()).toContain('The payment was canceled')
    await page.goBack()
    expect(await checkout.end()).toMatch(/^Canceled Nothing was charged\./)
    expect(await faultsOf(page, 'refuse/canceled')).toEqual([])
    await checkout.goesBackToShop()
    await shop.says()
    expect(await shop.triesAgain()).not.toBe(bill)
  })

  it('that the shop calls off cannot be paid any more', async () => {
    const { checkout, bill } = await atBill('christine')
    await house.merchant.cancels(bill)
    await checkout.triesToPay()
    expect(await checkout.end()).toContain('Canceled')
    expect(await house.bank.takenBy(bill)).toBe(0)
  })
})

describe('while the bank is silent, the page says what is known', () => {
  const asking = 'We are asking your bank'
  const noSecondCharge = 'You will not be charged twice.'

  it('and shows the receipt once the bank can say that it has paid', async () => {
    const { page, shop, checkout, bill } = await atBill('hedy')
    house.lineToBank.becomes(async (ask, request) => {
      await ask(request)
      throw new TypeError('connection reset')
    })
    await checkout.triesToPay()
    await checkout.sees(asking)
    await checkout.sees(noSecondCharge)
    expect(await faultsOf(page, 'refuse/unknown')).toEqual([])
    expect((await house.merchant.sees(bill)).state).toBe('unknown')

    house.lineToBank.isMended()
    house.clock.advance(minutes(5))
    expect(await shop.says()).toContain('Paid. Thank you!')
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it('and offers the bill again once it is certain that the bank never heard of it', async () => {
    const { page, checkout, bill } = await atBill('radia')
    house.lineToBank.becomes(async () => {
      throw new TypeError('connection refused')
    })
    await checkout.triesToPay()
    await checkout.sees(asking)

    house.lineToBank.isMended()
    house.clock.advance(minutes(10))
    await checkout.sees('Your bank did not answer in time.')
    expect(await faultsOf(page, 'refuse/undone')).toEqual([])
    await checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })
})
