import { describe, expect, it } from 'vitest'
import { challengeOf, type PayIntent } from '../../../shared/intent.ts'
import { money } from '../../../shared/money.ts'
import type { Bill, Payer } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'
import type { Ask } from '../../../web/doors/passkey.ts'
import type { AskInDialog } from '../../../web/doors/payment-dialog.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { type PayRun, type PayTools, payRun } from '../../../web/flows/pay-run.ts'
import { ada, adaSignedIn, billOf, cardNumbered, declinedBill, paidBill, visa } from './bill.ts'
import { assertionBy, configuration, nothing, payIntentOf, signInIntent, silentClient } from './doors.ts'

const response = assertionBy('AAAA')

type Script = {
  names?: RememberedName[]
  intent?: Partial<PayIntent>
  /** What confirming answers, one after the other. */
  confirmations?: (Bill | DoorError)[]
  /** What reading the bill answers after the first time. */
  later?: Bill[]
  passkey?: DoorError
  /** What comes of asking in the browser's own dialog; null: it cannot. Absent: the browser has none. */
  dialog?: DoorError | 'signed' | null
  cancellation?: DoorError
  /** Who is signed in, each time the server is asked; nobody at the end. */
  sessions?: (Payer | null)[]
  /** Who is known by the passkey that the autofill was answered with, one after the other; then nobody answers it. */
  picks?: (Payer | DoorError)[]
}

/** The doors of a page, each one scripted, and what came through them. */
function page(script: Script = {}) {
  const { names = [ada], intent = {}, confirmations = [paidBill()], later = [], sessions = [], picks = [] } = script
  const bill = billOf()
  const asked: Ask[] = []
  const askedInDialog: AskInDialog[] = []
  const confirmed: unknown[] = []
  const remembered: RememberedName[] = []
  const offered: string[] = []
  const forgotten: string[] = []
  const offeredAgain = Promise.withResolvers<void>()
  let reads = 0
  const tools: PayTools = {
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    forget: async (username) => void forgotten.push(username),
    device: {
      names: async () => names,
      remember: async (name) => {
        remembered.push(name)
      },
      forget: async () => undefined,
    },
    passkey: {
      confirm: async (ask) => {
        asked.push(ask)
        if (script.passkey) throw script.passkey
        return response
      },
      offer: async () => {
        offered.push('offered')
        if (offered.length === 2) offeredAgain.resolve()
        return picks.length > 0 ? response : new Promise(() => undefined)
      },
      endOffer: () => {
        offered.push('ended')
      },
    },
    typed: '',
    dialog: async () => {
      const { dialog } = script
      if (dialog === undefined) return null
      return {
        confirm: async (ask) => {
          askedInDialog.push(ask)
          if (dialog instanceof DoorError) throw dialog
          return dialog === 'signed' ? assertionBy('BBBB') : null
        },
      }
    },
    client: {
      ...silentClient,
      whoIsHere: async () => sessions.shift() ?? null,
      session: async () => sessions.shift() ?? refuse(new DoorError('session-missing')),
      signInIntent: async () => ({ intent: signInIntent }),
      signIn: async () => {
        const pick = picks.shift() ?? nothing()
        return pick instanceof DoorError ? refuse(pick) : pick
      },
      bill: async () => (reads++ === 0 ? bill : (later.shift() ?? bill)),
      payIntent: async () => ({ intent: payIntentOf(bill, intent) }),
      cancel: async () => (script.cancellation ? refuse(script.cancellation) : billOf({ state: 'canceled' })),
      confirm: async (_payment, request) => {
        confirmed.push(request)
        const answer = confirmations.shift() ?? nothing()
        if (answer instanceof DoorError) throw answer
        return answer
      },
    },
  }
  return {
    run: payRun(tools, async () => configuration, bill.id),
    asked,
    askedInDialog,
    confirmed,
    remembered,
    offered,
    offeredAgain: offeredAgain.promise,
    forgotten,
  }
}

const refuse = (error: DoorError): never => {
  throw error
}

/** Resolves once nothing is waited for. */
const settled = ({ flow }: PayRun): Promise<void> =>
  new Promise((resolve) => {
    const look = () => flow.now().step !== 'waiting' && resolve()
    flow.subscribe(look)
    look()
  })

async function opened(script?: Script) {
  const world = page(script)
  await world.run.read()
  await world.run.prepare()
  return world
}

describe('a tap on the button', () => {
  it('reaches the passkey before the tap is over, where a name is remembered', async () => {
    const { run, asked } = await opened()
    const paying = run.pay()
    expect(asked).toHaveLength(1)
    await paying
  })

  it('asks for a signature over the very intent it sends', async () => {
    const { run, asked, confirmed } = await opened()
    await run.pay()
    const intent = payIntentOf(billOf())
    expect(asked).toEqual([
      { challenge: await challengeOf(intent), relyingPartyId: 'pay.example', credentialIds: ['AAAA'] },
    ])
    expect(confirmed).toEqual([{ username: 'ada', intent, response }])
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
  })

  it('pays once, however often it is tapped', async () => {
    const { run, asked, confirmed } = await opened()
    await Promise.all([run.pay(), run.pay(), run.pay()])
    await run.pay()
    expect([asked.length, confirmed.length]).toEqual([1, 1])
  })

  it('keeps the button while the bill is read anew, and signs once', async () => {
    const { run, asked, confirmed } = await opened({ confirmations: [new DoorError('passkey-refused'), paidBill()] })
    // The refusal is told before the bill has been read again: whoever taps at once taps in between.
    const refused = Promise.withResolvers<void>()
    const steps: string[] = []
    run.flow.subscribe(() => {
      const state = run.flow.now()
      steps.push(state.step === 'open' ? (state.notice ?? state.doing) : state.step)
      if (steps.at(-1) === 'passkey-refused') refused.resolve()
    })
    const first = run.pay()
    await refused.promise
    await Promise.all([run.pay(), first])
    expect(steps).toEqual(['signing', 'sending', 'passkey-refused', 'preparing', 'signing', 'sending', 'settled'])
    expect([asked.length, confirmed.length]).toEqual([2, 2])
  })

  it('asks no more for a passkey that did not confirm this name, and still for it by another one', async () => {
    const names = [ada, { ...ada, username: 'adam', display: 'Adam', credentialIds: ['AAAA', 'BBBB'] }]
    const refusals = [new DoorError('passkey-refused'), new DoorError('passkey-refused'), paidBill()]
    const { run, asked } = await opened({ names, confirmations: refusals })
    const by = async (index: number) => {
      run.chooseName(names[index] ?? nothing())
      await run.pay()
      return asked.at(-1)?.credentialIds
    }
    expect(await by(1)).toEqual(['AAAA', 'BBBB'])
    expect(await by(0)).toEqual(['AAAA'])
    expect(await by(1)).toEqual(['BBBB'])
  })

  it('lets the browser ask where it can, and ends the offer in the autofill before', async () => {
    const { run, asked, askedInDialog, offered, confirmed } = await opened({ dialog: 'signed' })
    await run.pay()
    const intent = payIntentOf(billOf())
    expect(asked).toEqual([])
    expect(offered).toEqual(['ended'])
    expect(askedInDialog).toEqual([
      {
        challenge: await challengeOf(intent),
        relyingPartyId: 'pay.example',
        credentialIds: ['AAAA'],
        intent,
        face: visa,
      },
    ])
    expect(confirmed).toEqual([{ username: 'ada', intent, response: assertionBy('BBBB') }])
  })

  it('asks by itself, in the same tap, where the browser cannot or the payer wants it otherwise', async () => {
    const { run, asked, askedInDialog } = await opened({ dialog: null })
    await run.pay()
    expect([askedInDialog.length, asked.length]).toEqual([1, 1])
    expect(run.flow.now()).toMatchObject({ step: 'settled' })
  })

  it.each(['passkey-dismissed', 'dialog-left'] as const)(
    'asks nobody who said no to the browser: %s',
    async (notice) => {
      const { run, asked, confirmed } = await opened({ dialog: new DoorError(notice) })
      await run.pay()
      expect(run.flow.now()).toMatchObject({ step: 'open', doing: 'nothing', notice })
      expect([asked, confirmed]).toEqual([[], []])
    },
  )

  it.each<[string, RememberedName]>([
    ['no card is known to show', { ...ada, cards: [] }],
    ['no passkey is known', { ...ada, credentialIds: [] }],
  ])('asks by itself where %s', async (_what, name) => {
    const { run, asked, askedInDialog } = await opened({ dialog: 'signed', names: [name] })
    await run.pay()
    expect([askedInDialog.length, asked.length]).toEqual([0, 1])
  })

  it('asks for a name where there is none', async () => {
    const { run, asked } = await opened({ names: [] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ notice: 'name-empty' })
    expect(asked).toEqual([])
  })

  it('names no passkey for a name that was typed, and remembers the name once it has paid', async () => {
    const { run, asked, remembered } = await opened({ names: [] })
    run.type('Ada')
    await run.pay()
    expect(asked).toMatchObject([{ credentialIds: [] }])
    expect(remembered).toMatchObject([{ username: 'ada', display: 'Ada', credentialIds: ['AAAA'] }])
  })
})

describe('an intent that is not the bill on the screen', () => {
  it.each([
    ['another amount', { amount: money(99_999, 'EUR') }],
    ['another currency', { amount: money(12_50, 'USD') }],
    ['another payment', { payment: 'pay_BBBBBBBBBBBBBBBBBBBBBA' as PayIntent['payment'] }],
    ['another payee', { payee: { ...payIntentOf(billOf()).payee, name: 'Blackbird Coffee' } }],
    ['another shop', { payee: { ...payIntentOf(billOf()).payee, origin: 'https://blackbird.example' } }],
    ['another order', { reference: '1043' }],
    ['a card that nobody sealed here', { seal: 'A'.repeat(43) }],
  ])('never reaches the passkey: %s', async (_what, intent) => {
    const { run, asked } = await opened({ intent })
    await run.pay()
    expect(asked).toEqual([])
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'intent-mismatch' })
  })

  it('never reaches the passkey with another card than the one that is shown', async () => {
    const { run, asked } = await opened({ intent: { card: cardNumbered(9) } })
    await run.pay()
    expect(asked).toEqual([])
    expect(run.flow.now()).toMatchObject({ notice: 'card-unknown', card: null })
  })
})

describe('a payment that does not come off', () => {
  it('is sent nowhere when the passkey is not used', async () => {
    const { run, confirmed } = await opened({ passkey: new DoorError('passkey-dismissed') })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', doing: 'nothing', notice: 'passkey-dismissed' })
    expect(confirmed).toEqual([])
  })

  it('is asked for with a new intent after a decline', async () => {
    const { run, confirmed } = await opened({ confirmations: [declinedBill(), paidBill()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', bill: { state: 'declined' } })
    await run.pay()
    expect(confirmed).toHaveLength(2)
    expect(run.flow.now()).toMatchObject({ step: 'settled' })
  })

  it('is read, never guessed, when the answer gets lost', async () => {
    const { run, confirmed } = await opened({
      confirmations: [new DoorError('offline')],
      later: [billOf({ state: 'approving' }), billOf({ state: 'unknown' }), paidBill()],
    })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
    expect(confirmed).toHaveLength(1)
  })

  it.each(['internal-error', 'unavailable'])(
    'is read, never guessed, when the answer is a %s: the bank may have booked before it',
    async (code) => {
      const { run, confirmed } = await opened({
        confirmations: [new DoorError(code)],
        later: [billOf({ state: 'approving' }), paidBill()],
      })
      await run.pay()
      expect(run.flow.now()).toMatchObject({ step: 'settled', here: true })
      expect(confirmed).toHaveLength(1)
    },
  )

  it('may be tried again when the request never arrived', async () => {
    const { run } = await opened({ confirmations: [new DoorError('offline')], later: [billOf()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'answer-lost' })
  })

  it('forgets a name with all that the browser has of it, and what was said to whoever was here', async () => {
    const { run, forgotten } = await opened({ confirmations: [new DoorError('card-frozen')] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ notice: 'card-frozen' })
    await run.forget(ada)
    expect(forgotten).toEqual([ada.username])
    expect(run.flow.now()).toMatchObject({ step: 'open', who: { kind: 'typing', text: '' }, notice: null })
  })

  it('shows how it ended when it was settled elsewhere meanwhile', async () => {
    const { run } = await opened({ confirmations: [new DoorError('payment-settled')], later: [paidBill()] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: false })
  })

  it('asks for the card, and only for that, when the name has none', async () => {
    const { run } = await opened({ confirmations: [new DoorError('card-missing')] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({
      step: 'enrolling',
      from: { at: 'sign-in', name: { username: 'ada', credentialIds: ['AAAA'] }, notice: 'card-missing' },
    })
  })

  it('adds the missing card to no other name than the one that was paid as', async () => {
    const grace = { ...adaSignedIn, username: 'grace' }
    const { run } = await opened({ confirmations: [new DoorError('card-missing')], sessions: [null, grace] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ from: { at: 'sign-in', name: { username: 'ada' } } })
  })

  it('goes on at the card, where whoever it was is signed in', async () => {
    const { run } = await opened({ confirmations: [new DoorError('card-missing')], sessions: [null, adaSignedIn] })
    await run.pay()
    expect(run.flow.now()).toMatchObject({ from: { at: 'card', payer: adaSignedIn } })
  })

  it('keeps its notice while the bill is read again, and nothing changed', async () => {
    const { run } = await opened({ passkey: new DoorError('passkey-dismissed') })
    await run.pay()
    await run.refresh()
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'passkey-dismissed' })
  })
})

describe('another card', () => {
  it('begins with signing in, for a name that is only remembered', async () => {
    const { run } = await opened({ confirmations: [declinedBill()] })
    await run.pay()
    run.addCard()
    expect(run.flow.now()).toMatchObject({
      step: 'enrolling',
      from: { at: 'sign-in', name: { username: 'ada', display: 'Ada', credentialIds: ['AAAA'] }, notice: null },
    })
  })

  it('begins with signing in, for a name that was typed', async () => {
    const { run } = await opened({ names: [], confirmations: [declinedBill()] })
    run.type('Ada')
    await run.pay()
    run.addCard()
    expect(run.flow.now()).toMatchObject({ from: { at: 'sign-in', name: { username: 'Ada', credentialIds: [] } } })
  })

  it('begins with the card, for who is signed in', async () => {
    const { run } = await opened({ sessions: [adaSignedIn] })
    run.addCard()
    expect(run.flow.now()).toMatchObject({ from: { at: 'card', payer: adaSignedIn } })
  })
})

describe('a bill that is read again during an enrolment', () => {
  async function enrolling(script: Script) {
    const world = await opened({ names: [], ...script })
    world.run.newHere()
    return world
  }

  it('shows how it ended', async () => {
    const { run } = await enrolling({ later: [billOf({ state: 'expired' })] })
    await run.refresh()
    expect(run.flow.now()).toMatchObject({ step: 'settled', bill: { state: 'expired' }, here: false })
  })

  it('shows that no try is left', async () => {
    const { run } = await enrolling({ later: [declinedBill(0)] })
    await run.refresh()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: false })
  })

  it('does not lead away where another page has paid it', async () => {
    const { run } = await enrolling({ later: [paidBill()] })
    await run.refresh()
    expect(run.flow.now()).toMatchObject({ step: 'settled', here: false })
  })

  it('leaves the enrolment where it was, if it can still be paid', async () => {
    const { run } = await enrolling({ later: [billOf({ nowMs: 5 })] })
    await run.refresh()
    expect(run.flow.now()).toMatchObject({ step: 'enrolling', from: { at: 'name' }, open: { bill: { nowMs: 5 } } })
  })

  it('is waited for once, where the bank is deciding', async () => {
    const { run } = await enrolling({
      later: [billOf({ state: 'approving' }), billOf({ state: 'approving' }), paidBill()],
    })
    await run.refresh()
    await run.refresh()
    await settled(run)
    expect(run.flow.now()).toMatchObject({ step: 'settled', bill: { state: 'captured' } })
  })
})

describe('an enrolment', () => {
  const newcomer: Payer = { ...adaSignedIn, cards: [] }

  it('whose card the bank took, but not the payment, leads back to the bill as that payer', async () => {
    const { run } = await opened({ names: [], sessions: [null, adaSignedIn] })
    run.newHere()
    await run.enrolled(declinedBill(), newcomer)
    expect(run.flow.now()).toMatchObject({ step: 'open', who: { kind: 'signed-in', payer: adaSignedIn } })
  })

  it('whose answer got lost knows its payer all the same, once the bill can be paid again', async () => {
    const { run } = await opened({ names: [], later: [billOf()] })
    run.newHere()
    await run.enrolled(null, newcomer)
    await settled(run)
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'answer-lost', who: { payer: newcomer } })
  })

  it('that is left knows who it was by then', async () => {
    const { run } = await opened({ names: [] })
    run.newHere()
    run.leaveEnrolment(newcomer)
    expect(run.flow.now()).toMatchObject({ step: 'open', who: { kind: 'signed-in', payer: newcomer } })
  })

  it('that is left keeps the card that was chosen before', async () => {
    const { run } = await opened({ sessions: [adaSignedIn] })
    run.chooseCard(cardNumbered(2))
    run.addCard()
    run.leaveEnrolment(adaSignedIn)
    expect(run.flow.now()).toMatchObject({ step: 'open', card: cardNumbered(2) })
  })
})

describe('the offer in the autofill', () => {
  it('signs in whoever picks their passkey', async () => {
    const { run, remembered } = await opened({ names: [], picks: [adaSignedIn] })
    await run.offerPasskeys()
    expect(run.flow.now()).toMatchObject({ who: { kind: 'signed-in', payer: adaSignedIn } })
    expect(remembered).toMatchObject([{ username: 'ada' }])
  })

  it('leaves a ceremony alone that is under way', async () => {
    const { run, offered } = await opened({ names: [] })
    run.type('Ada')
    const paying = run.pay()
    await run.offerPasskeys()
    expect(offered).toEqual([])
    await paying
  })

  it('leaves a ceremony alone that begins before the offer is there', async () => {
    const { run, offered } = await opened()
    const offering = run.offerPasskeys()
    const paying = run.pay()
    await Promise.all([offering, paying])
    expect(offered).toEqual([])
  })

  it('is made again after a pick of a passkey that nobody is known by', async () => {
    const { run, offeredAgain } = await opened({ names: [], picks: [new DoorError('passkey-gone')] })
    await run.offerPasskeys()
    expect(run.flow.now()).toMatchObject({ step: 'open', notice: 'passkey-gone' })
    await offeredAgain
  })
})

it('cancels the bill when the payer says so', async () => {
  const { run } = await opened()
  await run.cancel()
  expect(run.flow.now()).toMatchObject({ step: 'settled', bill: { state: 'canceled' } })
})

it('believes the bill, and not its own luck, where calling it off was not answered', async () => {
  const canceled = billOf({ state: 'canceled' })
  const { run } = await opened({ cancellation: new DoorError('offline'), later: [canceled] })
  await run.cancel()
  expect(run.flow.now()).toMatchObject({ step: 'settled', bill: { state: 'canceled' } })
})
