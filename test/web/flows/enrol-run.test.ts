import { describe, expect, it } from 'vitest'
import { base64url, utf8 } from '../../../shared/bytes.ts'
import type { SealedCard } from '../../../shared/card.ts'
import { parseCardNumber } from '../../../shared/cardholder/card-number.ts'
import { challengeOf } from '../../../shared/intent.ts'
import { createdThumbprint } from '../../../shared/passkey.ts'
import type { Payer } from '../../../shared/wire/payment-api.ts'
import type { RememberedName } from '../../../web/doors/device.ts'
import type { Ask } from '../../../web/doors/passkey.ts'
import type { NewPasskey } from '../../../web/doors/passkey-creation.ts'
import type { EnrolFlow, Refusal } from '../../../web/flows/enrol-flow.ts'
import { type EnrolRun, enrolRun } from '../../../web/flows/enrol-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import type { EnrolmentStart } from '../../../web/flows/pay-flow.ts'
import { ada as adaRemembered, adaSignedIn, visa } from './bill.ts'
import { assertionBy, configuration, enrolIntentOf, signInIntent, silentClient } from './doors.ts'

/** What a browser tells of a new passkey: its id of no bytes, and the shortest key there could be. */
const authenticatorData = base64url(Uint8Array.of(...new Uint8Array(53), 0, 0, 0xa1, 1, 2))
const madeThumbprint = await createdThumbprint(authenticatorData)
const ada: Payer = {
  username: 'ada',
  display: 'Ada',
  passkeys: [{ credentialId: 'made-1', thumbprint: madeThumbprint }],
  cards: [],
}
const grace: Payer = {
  username: 'grace',
  display: 'Grace',
  passkeys: [{ credentialId: 'hers', thumbprint: 'B'.repeat(43) }],
  cards: [],
}
const details = {
  number: parseCardNumber('4111111111111111'),
  expiry: { month: 12, year: 2030 },
  code: '123',
  name: 'ADA LOVELACE',
}
const minutes = (count: number) => count * 60_000

type Script = {
  from?: EnrolmentStart
  /** What asking for a name comes to; a name that is not here is free. A promise is an answer that is slow. */
  names?: Record<string, DoorError | Promise<void>>
  /** What comes of each passkey that is made, of each touch, of each request, one after the other; at the end all goes well. */
  made?: (DoorError | null)[]
  touches?: (DoorError | null)[]
  enrolments?: (Payer | DoorError)[]
  signIns?: (Payer | DoorError)[]
  uses?: (DoorError | null)[]
  commits?: (Refusal | DoorError | null)[]
  payments?: boolean
  /** An old browser tells nothing of the passkeys it makes. */
  isOldBrowser?: boolean
  session?: Payer | DoorError
  /** What the intent of an enrolment says, whatever was asked for. */
  intentSays?: string
}

/** The doors of an enrolment, each one scripted, and what came through them. */
function page(script: Script = {}) {
  const { from = { at: 'name' }, names = {}, made = [], touches = [], enrolments = [], signIns = [] } = script
  const { uses = [], commits = [], payments = false, intentSays, session = adaSignedIn, isOldBrowser = false } = script
  let nowMs = 0
  const asked = { names: [] as string[], intents: 0, uses: [] as string[], seals: 0 }
  const created: NewPasskey[] = []
  const enrolled: unknown[] = []
  const signedIn: unknown[] = []
  const touched: Ask[] = []
  const sealedFor: (readonly string[])[] = []
  const committed: unknown[] = []
  const forgotten: string[] = []
  const remembered: RememberedName[] = []
  let offersEnded = 0

  const take = <T>(list: (T | DoorError)[], otherwise: T): T => {
    const next = list.length > 0 ? list.shift() : otherwise
    if (next instanceof DoorError) throw next
    return next ?? otherwise
  }

  const run = enrolRun(
    {
      nowMs: () => nowMs,
      forget: async () => undefined,
      pause: () => Promise.resolve(),
      device: {
        names: async () => remembered,
        remember: async (name) => {
          remembered.push(name)
        },
        forget: async () => undefined,
      },
      passkey: {
        confirm: async (ask) => {
          touched.push(ask)
          take(touches, null)
          return assertionBy('made-1')
        },
        offer: () => new Promise(() => undefined),
        endOffer: () => {
          offersEnded += 1
        },
      },
      creation: {
        payments: async () => payments,
        create: async (passkey) => {
          created.push(passkey)
          take(made, null)
          const id = `made-${created.length}`
          return {
            id,
            rawId: id,
            type: 'public-key',
            clientExtensionResults: {},
            response: { clientDataJSON: 'AA', attestationObject: 'AA', ...(isOldBrowser ? {} : { authenticatorData }) },
          }
        },
        forget: async (_relyingPartyId, credentialId) => {
          forgotten.push(credentialId)
        },
      },
      sealCard: async (_card, passkeys) => {
        sealedFor.push(passkeys)
        asked.seals += 1
        return `sealed-${asked.seals}` as SealedCard
      },
      client: {
        ...silentClient,
        username: async ({ username }) => {
          asked.names.push(username)
          const answer = names[username]
          if (answer instanceof DoorError) throw answer
          await answer
          return { username: username.toLowerCase(), display: username }
        },
        enrolIntent: async ({ username }) => {
          asked.intents += 1
          return { intent: enrolIntentOf(intentSays ?? username, asked.intents) }
        },
        enrol: async (request) => {
          enrolled.push(request)
          return take(enrolments, ada)
        },
        signInIntent: async () => ({ intent: signInIntent }),
        signIn: async (request) => {
          signedIn.push(request)
          return take(signIns, ada)
        },
        session: async () => take([session], adaSignedIn),
      },
    },
    configuration,
    from,
    async ({ username }, seal) => {
      asked.uses.push(username)
      take(uses, null)
      const number = asked.uses.length
      return {
        challenge: utf8(`use-${number}`),
        commit: async (_response, sealed) => {
          committed.push({ number, seal, sealed })
          return take(commits, null)
        },
      }
    },
  )
  return {
    run,
    asked,
    created,
    enrolled,
    signedIn,
    touched,
    sealedFor,
    committed,
    forgotten,
    remembered,
    offersEnded: () => offersEnded,
    advance(ms: number) {
      nowMs += ms
    },
  }
}

/** Resolves once the enrolment is so; it may be already. */
const until = ({ flow }: EnrolRun, holds: (state: EnrolFlow) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = () => holds(flow.now()) && resolve()
    flow.subscribe(look)
    look()
  })
const isFree = (state: EnrolFlow) => state.step === 'name' && state.answer.kind === 'free'

/** Whatever is under way has come to its end: nothing here waits for a clock. */
async function everythingHappens(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

async function named(text: string, script?: Script) {
  const world = page(script)
  world.run.type(text)
  await until(world.run, isFree)
  return world
}

const lost = new DoorError('offline')
const dismissed = new DoorError('passkey-dismissed')
const atCard = { at: 'card', payer: ada } as const
const atSignIn = { at: 'sign-in', name: adaRemembered, notice: null } as const

describe('choosing a name', () => {
  it('makes the passkey for the intent of that name, and is known by it', async () => {
    const { run, created, enrolled, remembered, offersEnded } = await named('Ada')
    await run.makePasskey()
    const intent = enrolIntentOf('Ada', 1)
    expect(created).toEqual([
      {
        challenge: await challengeOf(intent),
        relyingParty: configuration.relyingParty,
        userHandle: intent.userHandle,
        username: 'ada',
        display: 'Ada',
        payments: false,
      },
    ])
    expect(enrolled).toMatchObject([{ intent, response: { id: 'made-1' } }])
    expect(run.flow.now()).toMatchObject({ step: 'card', payer: ada })
    expect(remembered).toMatchObject([{ username: 'ada', credentialIds: ['made-1'] }])
    expect(offersEnded()).toBe(1)
  })

  it('reaches the device before the tap is over, where the name was answered', async () => {
    const { run, created } = await named('Ada')
    const making = run.makePasskey()
    expect(created).toHaveLength(1)
    await making
  })

  it('asks for a passkey that a payment dialog may use, where the device makes such', async () => {
    const { run, created } = await named('Ada', { payments: true })
    await run.makePasskey()
    expect(created).toMatchObject([{ payments: true }])
  })

  it('belongs to the text in the field, however slow the answer to an earlier one', async () => {
    const slow = Promise.withResolvers<void>()
    const { run, created } = page({ names: { ada: slow.promise } })
    run.type('ada')
    await everythingHappens()
    run.type('adam')
    await until(run, isFree)
    slow.resolve()
    await everythingHappens()
    expect(run.flow.now()).toMatchObject({ answer: { username: 'adam' } })
    await run.makePasskey()
    expect(created).toMatchObject([{ username: 'adam' }])
  })

  it('goes on with a name that is not answered yet, once it is', async () => {
    const slow = Promise.withResolvers<void>()
    const { run, created, asked } = page({ names: { ada: slow.promise } })
    run.type('ada')
    const taps = [run.makePasskey(), run.makePasskey()]
    expect(run.flow.now()).toMatchObject({ doing: 'asking' })
    slow.resolve()
    await Promise.all(taps)
    expect(created).toHaveLength(1)
    expect(asked.names).toEqual(['ada'])
  })

  it('makes no passkey for a name that is refused when it is asked for', async () => {
    const { run, created } = page({ names: { ada: new DoorError('username-taken') } })
    run.type('ada')
    await run.makePasskey()
    expect(created).toEqual([])
    expect(run.flow.now()).toMatchObject({ doing: 'nothing', answer: { kind: 'refused', notice: 'username-taken' } })
  })

  it('asks for a name where there is none', async () => {
    const { run, asked } = page()
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ step: 'name', notice: 'name-empty' })
    expect(asked.names).toEqual([])
  })

  it('asks again when told, where nobody answered', async () => {
    const names: Script['names'] = { ada: lost }
    const { run, created } = page({ names })
    run.type('ada')
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ doing: 'nothing', answer: { kind: 'refused', notice: 'offline' } })
    delete names.ada
    await run.makePasskey()
    expect(created).toHaveLength(1)
  })

  it('signs for no other name than the one that was asked about', async () => {
    const { run, created } = page({ intentSays: 'eve' })
    run.type('ada')
    await run.makePasskey()
    expect(created).toEqual([])
    expect(run.flow.now()).toMatchObject({ answer: { kind: 'refused', notice: 'intent-mismatch' } })
  })

  it('keeps the name that its passkey is being made for', async () => {
    const { run } = await named('ada')
    const making = run.makePasskey()
    run.type('adam')
    expect(run.flow.now()).toMatchObject({ doing: 'making', text: 'ada' })
    await making
  })

  it('does not sign what is too old to be taken', async () => {
    const { run, enrolled, advance } = await named('Ada')
    advance(minutes(4))
    await run.makePasskey()
    expect(enrolled).toMatchObject([{ intent: enrolIntentOf('Ada', 2) }])
  })
})

describe('making the passkey', () => {
  it('is tried again with the next tap, at once, where it was dismissed', async () => {
    const { run, created, enrolled } = await named('Ada', { made: [dismissed] })
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ step: 'name', doing: 'nothing', notice: 'passkey-dismissed' })
    expect(enrolled).toEqual([])
    const making = run.makePasskey()
    expect(created).toHaveLength(2)
    await making
    expect(run.flow.now()).toMatchObject({ step: 'card' })
  })

  it('happens once, however often it is tapped', async () => {
    const { run, created } = await named('Ada')
    await Promise.all([run.makePasskey(), run.makePasskey()])
    expect(created).toHaveLength(1)
  })

  it.each(['intent-expired', 'intent-consumed', 'passkey-refused', 'too-many-requests', 'username-taken'])(
    'leaves nothing on the device of a name that is refused after: %s',
    async (code) => {
      const { run, forgotten } = await named('Ada', { enrolments: [new DoorError(code)] })
      await run.makePasskey()
      expect(forgotten).toEqual(['made-1'])
      expect(run.flow.now()).toMatchObject({ step: 'name', doing: 'nothing' })
    },
  )

  it('signs another intent after a refusal: the first one is used up', async () => {
    const { run, enrolled } = await named('Ada', { enrolments: [new DoorError('intent-expired')] })
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ notice: 'intent-expired' })
    await run.makePasskey()
    expect(enrolled).toMatchObject([{ intent: enrolIntentOf('Ada', 1) }, { intent: enrolIntentOf('Ada', 2) }])
    expect(run.flow.now()).toMatchObject({ step: 'card' })
  })

  it('leaves a passkey alone that somebody is known by', async () => {
    const { run, forgotten } = await named('Ada', { enrolments: [new DoorError('passkey-taken')] })
    await run.makePasskey()
    expect(forgotten).toEqual([])
  })
})

describe('an enrolment that nobody answered', () => {
  it.each(['offline', 'internal-error', 'unavailable'])(
    'may have been made, so it asks for the passkey, and for that one: %s',
    async (code) => {
      const { run, forgotten, touched } = await named('Ada', { enrolments: [new DoorError(code)] })
      await run.makePasskey()
      expect(run.flow.now()).toMatchObject({
        step: 'sign-in',
        name: { username: 'ada', display: 'Ada', credentialIds: ['made-1'] },
        notice: 'enrolment-unanswered',
      })
      expect(forgotten).toEqual([])
      await run.signIn()
      expect(touched).toMatchObject([{ credentialIds: ['made-1'] }])
      expect(run.flow.now()).toMatchObject({ step: 'card', payer: ada, insteadOf: null })
    },
  )

  it('was not made, where nobody is known by that passkey: the name is asked for again', async () => {
    const { run, created } = await named('Ada', {
      enrolments: [lost],
      signIns: [new DoorError('passkey-to-delete')],
    })
    await run.makePasskey()
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'name', text: 'Ada', notice: 'enrolment-unheard' })
    await run.makePasskey()
    expect(created).toHaveLength(2)
    expect(run.flow.now()).toMatchObject({ step: 'card' })
  })

  it('stays unknown while nobody can be asked', async () => {
    const { run } = await named('Ada', { enrolments: [lost], signIns: [lost] })
    await run.makePasskey()
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'sign-in', doing: 'nothing', notice: 'offline' })
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'card' })
  })
})

describe('signing in for another card', () => {
  it('reaches the passkey before the tap is over, and asks for one of that name', async () => {
    const { run, touched } = page({ from: atSignIn })
    await run.prepareSignIn()
    const signingIn = run.signIn()
    expect(touched).toEqual([
      { challenge: await challengeOf(signInIntent), relyingPartyId: 'pay.example', credentialIds: ['AAAA'] },
    ])
    await signingIn
    expect(run.flow.now()).toMatchObject({ step: 'card', payer: ada, insteadOf: null })
  })

  it('takes the person whose passkey it is, and says so', async () => {
    const { run, remembered } = page({ from: atSignIn, signIns: [grace] })
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'card', payer: grace, insteadOf: 'Ada' })
    expect(remembered).toMatchObject([{ username: 'grace' }])
  })

  it('knows a name in another spelling of it', async () => {
    const typed = { username: 'ＡＤＡ ', display: 'ＡＤＡ', credentialIds: [] }
    const { run } = page({ from: { ...atSignIn, name: typed } })
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'card', insteadOf: null })
  })

  it('may be tried again, and happens once however often it is tapped', async () => {
    const { run, touched, signedIn } = page({ from: atSignIn, touches: [dismissed] })
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'sign-in', doing: 'nothing', notice: 'passkey-dismissed' })
    await Promise.all([run.signIn(), run.signIn()])
    expect([touched.length, signedIn.length]).toEqual([2, 1])
  })

  it('says that nobody is known by a passkey', async () => {
    const { run } = page({ from: atSignIn, signIns: [new DoorError('passkey-gone')] })
    await run.signIn()
    expect(run.flow.now()).toMatchObject({ step: 'sign-in', notice: 'passkey-gone' })
  })
})

describe('a new name that the server says has another passkey than the one made here', () => {
  const swapped: Payer = { ...ada, passkeys: [{ credentialId: 'made-1', thumbprint: 'C'.repeat(43) }] }
  const slippedIn: Payer = { ...ada, passkeys: [...ada.passkeys, ...swapped.passkeys] }

  it.each([
    ['another', swapped],
    ['one more', slippedIn],
  ])('goes no further: no card is sealed for %s', async (_what, payer) => {
    const { run, remembered } = await named('Ada', { enrolments: [payer] })
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ step: 'name', notice: 'intent-mismatch' })
    expect(remembered).toEqual([])
  })

  it('is believed where an old browser cannot tell', async () => {
    const { run } = await named('Ada', { enrolments: [swapped], isOldBrowser: true })
    await run.makePasskey()
    expect(run.flow.now()).toMatchObject({ step: 'card' })
  })
})

describe('the card', () => {
  const typed = async (script: Script = {}) => {
    const world = page({ from: atCard, ...script })
    await world.run.useCard(details, visa)
    return world
  }

  it('is sealed for the passkeys that its payer has by now, and for nobody else’s', async () => {
    expect((await typed()).sealedFor).toEqual([['A'.repeat(43)]])
    expect((await typed({ session: grace })).sealedFor).toEqual([[madeThumbprint]])
    expect((await typed({ session: new DoorError('offline') })).sealedFor).toEqual([[madeThumbprint]])
  })

  it('is sealed, signed for by this payer’s passkey, and kept', async () => {
    const { run, touched, committed, remembered } = await typed()
    expect(touched).toEqual([{ challenge: utf8('use-1'), relyingPartyId: 'pay.example', credentialIds: ['AAAA'] }])
    expect(committed).toMatchObject([{ number: 1, sealed: 'sealed-1' }])
    expect(run.flow.now()).toEqual({ step: 'done', payer: adaSignedIn })
    expect(remembered).toMatchObject([{ username: 'ada', cards: [{}, {}] }])
  })

  it('stays sealed where the passkey is not used: a touch is all that is left', async () => {
    const { run, touched, asked, committed } = await typed({ touches: [dismissed] })
    expect(run.flow.now()).toMatchObject({ sealed: { sealed: 'sealed-1', face: visa }, notice: 'passkey-dismissed' })
    const confirming = run.confirm()
    expect(touched).toHaveLength(2)
    await confirming
    expect([asked.seals, committed.length]).toEqual([1, 1])
    expect(run.flow.now()).toMatchObject({ step: 'done' })
  })

  it('is signed for anew where what was to be signed got too old', async () => {
    const { run, touched, asked, advance } = await typed({ touches: [dismissed] })
    advance(minutes(4))
    await Promise.all([run.confirm(), run.confirm()])
    expect(touched.map(({ challenge }) => challenge)).toEqual([utf8('use-1'), utf8('use-2')])
    expect(asked.seals).toBe(1)
    expect(run.flow.now()).toMatchObject({ step: 'done' })
  })

  it('is typed again where the bank refuses it', async () => {
    const { run, committed } = await typed({ commits: ['wrong-code'] })
    expect(run.flow.now()).toMatchObject({ step: 'card', sealed: null, refused: 'wrong-code', doing: 'nothing' })
    await run.useCard(details, visa)
    expect(committed).toMatchObject([
      { number: 1, sealed: 'sealed-1' },
      { number: 2, sealed: 'sealed-2' },
    ])
  })

  it('is signed for with another intent after any failure that used the first one up', async () => {
    const { run, committed } = await typed({ commits: [new DoorError('bank-unreachable')] })
    expect(run.flow.now()).toMatchObject({ sealed: { sealed: 'sealed-1' }, notice: 'bank-unreachable' })
    await run.confirm()
    expect(committed).toMatchObject([
      { number: 1, sealed: 'sealed-1' },
      { number: 2, sealed: 'sealed-1' },
    ])
  })

  it('may be changed before it is signed for, and then nothing of the first is signed', async () => {
    const { run, committed } = await typed({ touches: [dismissed] })
    run.edit()
    expect(run.flow.now()).toMatchObject({ step: 'card', sealed: null })
    await run.confirm()
    expect(committed).toEqual([])
    await run.useCard(details, visa)
    expect(committed).toMatchObject([{ number: 2, sealed: 'sealed-2' }])
  })

  it('waits for its payer to sign in again, where the session is over, and asks for them', async () => {
    const { run, asked } = await typed({ uses: [new DoorError('session-missing')] })
    expect(run.flow.now()).toMatchObject({ step: 'sign-in', name: { username: 'ada' }, notice: 'session-missing' })
    await run.signIn()
    await run.useCard(details, visa)
    expect(asked.uses).toEqual(['ada', 'ada'])
    expect(run.flow.now()).toMatchObject({ step: 'done' })
  })

  it('is used once, however often it is tapped', async () => {
    const { run, committed } = page({ from: atCard })
    await Promise.all([run.useCard(details, visa), run.useCard(details, visa)])
    expect(committed).toHaveLength(1)
  })
})
