/** What a payer reads when a payment does not come about, and what they can do then. */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bankKeysIn } from '../../server/bank/room.ts'
import type { SealedCard } from '../../shared/card.ts'
import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import { parseCardNumber } from '../../shared/cardholder/card-number.ts'
import { openSeal } from '../../shared/cardholder/open-seal.ts'
import { withWrongCode } from '../support/bank.ts'
import { eur } from '../support/merchant.ts'
import { faultsOf } from './support/faults-of.ts'
import { losesAnswers } from './support/lost-answer.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'
import { withoutAutofill } from './support/without-autofill.ts'

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

/** What the bank reads in a seal that a page has sent. */
async function openedAtBank(sealed: SealedCard): Promise<CardDetails> {
  const { sealing } = await bankKeysIn(join(house.dataDirectory, 'bank', 'keys'), true)
  const { card } = await openSeal(sealed, async (kid) => sealing.find((key) => key.kid === kid)?.privateKey ?? null)
  return card
}

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

  it('of a wrong code, five times, ends the bill; and the next card waits for longer than a minute', async () => {
    const { page, shop, checkout, wallet } = await atCardForm('hopper')
    for (let failure = 1; failure < 5; failure += 1) {
      await checkout.typesCard(withWrongCode(await goodCard()))
      expect(await checkout.failsToPay()).toContain('Type it again.')
      house.clock.advance(minutes(1))
    }
    await checkout.typesCard(withWrongCode(await goodCard()))
    await checkout.triesToPay()
    expect(await checkout.end()).toMatch(/^Not paid This bill was tried too often\. Nothing was charged\./)
    await checkout.goesBackToShop()
    expect(await shop.says()).toContain('The payment was declined')

    house.clock.advance(minutes(1))
    await wallet.beginsEnrolment()
    await wallet.typesCard(await goodCard())
    await page.getByRole('button', { name: 'Add card' }).tap()
    await checkout.sees('Too many cards were refused. To be safe, you can add none for up to an hour.')
    expect(await faultsOf(page, 'refuse/too-many-cards')).toEqual([])
  })

  it('by the limit that the payer set for the card is one for what is above it, and none for what is below', async () => {
    const { page, shop, checkout, bill } = await atCardForm('edith')
    await checkout.typesCard(await goodCard())
    await checkout.typesMore({ limit: '3', gender: 'woman' })
    expect(await faultsOf(page, 'refuse/card-limit')).toEqual([])
    const confirming = page.waitForRequest('**/confirmation')
    expect(await checkout.failsToPay()).toContain('This is more than the limit of this card. Nothing was charged.')
    const typed = await openedAtBank((await confirming).postDataJSON().sealed)
    expect(typed).toMatchObject({ gender: 'woman', limit: eur(3_00) })
    expect(await house.bank.takenBy(bill)).toBe(0)
    const smaller = await shop.orders('Espresso')
    await checkout.pays()
    expect(await house.bank.takenBy(smaller)).toBe(2_40)
  })
})

describe('another card after a decline', () => {
  const declining = () => house.bank.issuesCard(eur(100_00), 'lost-card')

  it('is added by a payer whom this phone remembers, once they have shown that it is them', async () => {
    const { page, wallet, shop, checkout, passkeys } = await house.phone()
    await wallet.enrols('rosalind', await declining())
    house.clock.advance(minutes(16))
    const bill = await shop.orders('Flat white')
    expect(await checkout.failsToPay()).toContain('This card was reported lost.')
    const before = passkeys.touches()
    await checkout.addsAnotherCard()
    await checkout.sees('Show that it is you')
    expect(await faultsOf(page, 'refuse/sign-in')).toEqual([])
    await checkout.signsInAs('rosalind')
    await checkout.typesCard(await goodCard())
    await checkout.pays()
    expect(passkeys.touches() - before).toBe(2)
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it('is added by a payer who typed their name', async () => {
    const known = await house.phone()
    await known.wallet.enrols('Lise_Meitner', await declining())
    const { page, shop, checkout } = await house.phone()
    await known.passkeys.copyTo(page)
    await withoutAutofill(page)
    const bill = await shop.orders('Flat white')
    await checkout.typesName('lise_meitner')
    expect(await checkout.failsToPay()).toContain('This card was reported lost.')
    expect(await faultsOf(page, 'refuse/declined-typed')).toEqual([])
    await checkout.addsAnotherCard()
    await checkout.signsInAs('lise_meitner')
    await checkout.typesCard(await goodCard())
    await checkout.pays()
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })
})

describe('a passkey', () => {
  it('of somebody else is refused in clear words, and five failures end the bill, not the name', async () => {
    await (await house.phone()).wallet.enrols('katherine', await goodCard())
    const { page, shop, checkout, bill } = await atBill('dorothy')
    await withoutAutofill(page)
    await checkout.isSomebodyElse()
    await checkout.typesName('katherine')
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await checkout.failsToPay()).toBe(
        'That passkey does not confirm this name. Nothing was charged. It is another name’s, or was removed: check the name, or pick another passkey.',
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

  it('by an answer that got lost goes on with the passkey that was made', async () => {
    const { page, shop, checkout, passkeys } = await house.phone()
    const bill = await shop.orders('Flat white')
    await losesAnswers(page, 'api/enrolments')
    await checkout.isNewHere()
    await checkout.triesToTakeName('chien')
    await checkout.sees('No answer came. The name may be yours already.')
    expect(await faultsOf(page, 'refuse/unanswered')).toEqual([])
    await checkout.signsInAs('chien')
    await checkout.typesCard(await goodCard())
    await checkout.pays()
    expect(await passkeys.credentials()).toHaveLength(1)
    expect(await house.bank.takenBy(bill)).toBe(3_80)
  })

  it('by a question that never left the phone begins again, and leaves no second passkey behind', async () => {
    const { page, shop, checkout, passkeys } = await house.phone()
    await shop.orders('Flat white')
    await page.route('**/api/enrolments', (route) => route.abort('connectionrefused'))
    await checkout.isNewHere()
    await checkout.triesToTakeName('lamarr')
    await checkout.signsInAs('lamarr')
    await checkout.sees('This name is not yours yet: we never heard of it.')
    expect(await faultsOf(page, 'refuse/unheard')).toEqual([])
    await page.unroute('**/api/enrolments')
    await checkout.takesName('lamarr')
    expect(await passkeys.credentials()).toHaveLength(1)
  })

  it('by looking somewhere else keeps what was typed of the card', async () => {
    const { page, checkout } = await atCardForm('noether')
    const card = await goodCard()
    await checkout.typesCard(card)
    const read = page.waitForResponse((response) => /\/api\/payments\/pay_[^/]+$/.test(response.url()))
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    await read
    expect((await checkout.typedNumber()).replaceAll(' ', '')).toBe(card.number)
    await checkout.pays()
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

  it('whose time is over says so by itself to somebody who is typing a card, too', async () => {
    const { page, shop, checkout } = await house.phone()
    await page.clock.install()
    await shop.orders('Flat white')
    await checkout.isNewHere()
    await checkout.takesName('johnson')
    await checkout.typesCard(await goodCard())
    house.clock.advance(minutes(31))
    await page.clock.fastForward(minutes(31))
    expect(await checkout.end()).toMatch(/^This bill has expired Nothing was charged\./)
  })

  it('whose time is over takes no touch that comes too late', async () => {
    const { page, checkout } = await atBill('margaret')
    const bill = await house.merchant.asks(eur(12_50), { expiresInSeconds: 60 })
    await page.goto(`${house.addresses.payment}/pay/${bill}`)
    await checkout.payButton.waitFor()
    await page.waitForLoadState('networkidle')
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
    const { page, checkout, bill } = await atBill('christine')
    // All that the page asks by itself is answered, so that only the button can tell it.
    await checkout.payButton.waitFor()
    await page.waitForLoadState('networkidle')
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
