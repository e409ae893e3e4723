import { describe, expect, it } from 'vitest'
import type { Push, PushTarget } from '../../../shared/wire/push-api.ts'
import type { OwnSubscription, PushSupport } from '../../../web/doors/push.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { pushRun } from '../../../web/flows/push-run.ts'

const target: PushTarget = { endpoint: 'https://push.example/1', keys: { p256dh: 'point', auth: 'secret' } }
const madeFor = (applicationServerKey: string): OwnSubscription => ({ id: 'own', target, applicationServerKey })

type Options = {
  support?: PushSupport
  saysNo?: boolean
  /** How long its owner thinks about the browser's question. */
  thinking?: Promise<void>
  /** How long its push service takes. */
  subscribing?: Promise<void>
  own?: OwnSubscription
  locale?: string
}

/** A browser, and the server's list of those that it tells. */
function browser(options: Options = {}) {
  let { support = 'here', own = null }: { support?: PushSupport; own?: OwnSubscription | null } = options
  let locale = options.locale ?? 'en'
  let isDeclined = false
  let whose: string | null = null
  let isOffline = false
  let isFar = false
  let isSilent = false
  let served = Promise.resolve()
  const rests: (() => void)[] = []
  const told = new Map<string, string>()
  const answer = async (): Promise<Push> => {
    await served
    if (isSilent) return new Promise<never>(() => {})
    if (isOffline) throw new DoorError('offline')
    const subscriptions = Array.from(told, ([id, its]) => ({ id, locale: its, createdAtMs: 0 }))
    return { applicationServerKey: 'ours', subscriptions }
  }
  const run = pushRun({
    push: {
      support: async () => support,
      own: async () => own,
      async ask() {
        await options.thinking
        return options.saysNo ? 'denied' : 'granted'
      },
      async subscribe(key) {
        if (isFar) return new Promise<never>(() => {})
        await options.subscribing
        own = madeFor(key)
        return own
      },
      async unsubscribe() {
        own = null
        whose = null
      },
      whose: () => whose,
      tells(username) {
        whose = username || null
      },
      isDeclined: () => isDeclined,
      decline() {
        isDeclined = true
      },
      seen: async () => undefined,
    },
    pushClient: {
      read: answer,
      async subscribe(request) {
        told.set('own', request.locale)
        return answer()
      },
      async remove(id) {
        if (!isOffline) told.delete(id)
        return answer()
      },
    },
    locale: () => locale,
    username: () => 'ada',
    pause: () => new Promise((resolve) => rests.push(resolve)),
  })
  return {
    ...run,
    told,
    state: run.flow.now,
    isReached: () => own !== null,
    whose: () => whose,
    block() {
      support = 'blocked'
    },
    speaks(next: string) {
      locale = next
    },
    /** Its push service is where it cannot reach. */
    isFarAway() {
      isFar = true
    },
    async losesPatience() {
      await settled()
      rests.pop()?.()
    },
    losesNetwork() {
      isOffline = true
    },
    findsNetwork() {
      isOffline = false
    },
    /** The server takes what it is asked, and does not answer. */
    hearsNothing() {
      isSilent = true
    },
    answersAfter(when: Promise<void>) {
      served = when
    },
  }
}

/** Whatever can go on by itself has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a browser that may be told of payments', () => {
  it('is told nothing until somebody turns it on, and from then on in their language', async () => {
    const { read, turnOn, state, told, isReached } = browser({ locale: 'zh-CN' })
    await read()
    expect([state().standing, isReached()]).toEqual(['off', false])
    await turnOn()
    expect([state().standing, [...told]]).toEqual(['on', [['own', 'zh-CN']]])
  })

  it('is told in another language once its owner reads that', async () => {
    const { turnOn, read, speaks, told } = browser()
    await turnOn()
    speaks('zh-CN')
    await read()
    expect([...told]).toEqual([['own', 'zh-CN']])
  })

  it('is off for who has not turned it on, though somebody else has in this browser', async () => {
    const { read, leave, state, isReached } = browser({ own: madeFor('ours') })
    await read()
    expect(state().standing).toBe('off')
    await leave()
    expect(isReached()).toBe(true)
  })

  it('is off where it was made for a key that the server has no more, and can be turned on again', async () => {
    const { read, turnOn, told, state } = browser({ own: madeFor('another') })
    told.set('own', 'en')
    await read()
    expect(state().standing).toBe('off')
    await turnOn()
    await read()
    expect(state().standing).toBe('on')
  })

  it.each(['blocked', 'install-first', 'missing'] as const)('says so where it is %s', async (support) => {
    const { read, state } = browser({ support })
    await read()
    expect(state().standing).toBe(support)
  })

  it('takes a no of the browser’s own question for one', async () => {
    const { read, turnOn, state, told } = browser({ saysNo: true })
    await read()
    await turnOn()
    expect(state()).toMatchObject({ standing: 'blocked', isFailed: false })
    expect(told.size).toBe(0)
  })

  it('waits for who thinks about the browser’s question as long as it takes, and lets them ask once more', async () => {
    const thought = Promise.withResolvers<void>()
    const { read, turnOn, losesPatience, state, told } = browser({ thinking: thought.promise })
    await read()
    const first = turnOn()
    await losesPatience()
    await settled()
    expect(state()).toMatchObject({ standing: 'off', isTurning: false, isFailed: false })
    const second = turnOn()
    expect(state()).toMatchObject({ isTurning: true })
    thought.resolve()
    await Promise.all([first, second])
    expect(state()).toMatchObject({ standing: 'on', isTurning: false, isFailed: false })
    expect([...told.keys()]).toEqual(['own'])
  })

  it.each(['thinking', 'subscribing'] as const)(
    'is not turned on for who comes next, by who left while %s',
    async (what) => {
      const later = Promise.withResolvers<void>()
      const { read, turnOn, leave, state, told, isReached } = browser({ [what]: later.promise })
      await read()
      const turning = turnOn()
      await settled()
      await leave()
      await read()
      later.resolve()
      await turning
      expect([state().standing, isReached(), told.size]).toEqual(['off', false, 0])
    },
  )

  it('knows whose payments it is told of, also where that was turned on before it knew', async () => {
    const { turnOn, turnOff, read, whose } = browser()
    await turnOn()
    expect(whose()).toBe('ada')
    await turnOff()
    expect(whose()).toBeNull()
    const other = browser({ own: madeFor('ours') })
    other.told.set('own', 'en')
    await other.read()
    expect(other.whose()).toBe('ada')
    await read()
    expect(whose()).toBeNull()
  })

  it('keeps no name of who left, though the browser was told to show nothing any more', async () => {
    const { turnOn, leave, whose, read, block } = browser()
    await turnOn()
    block()
    await read()
    await leave()
    expect(whose()).toBeNull()
  })

  it('forgets how it stood for who left, so that it is found out for who comes next', async () => {
    const { read, leave, turnOn, losesNetwork, findsNetwork, isReached, told, state } = browser()
    await read()
    await leave()
    expect(state().standing).toBe('unread')
    await read()
    await turnOn()
    await leave()
    expect(state().standing).toBe('unread')
    // Somebody is there for whom this browser is told, and who leaves before anybody could find that out.
    await turnOn()
    told.set('own', 'en')
    await leave()
    losesNetwork()
    await read()
    findsNetwork()
    await leave()
    expect(isReached()).toBe(false)
  })

  it('hears nothing of what was asked for who has left', async () => {
    const { read, leave, answersAfter, told, state } = browser({ own: madeFor('ours') })
    await read()
    told.set('own', 'en')
    const answered = Promise.withResolvers<void>()
    answersAfter(answered.promise)
    const reading = read()
    await leave()
    answered.resolve()
    await reading
    expect(state().standing).toBe('unread')
  })

  it('lets nobody wait for a server that does not answer, where they leave', async () => {
    const { leave, hearsNothing, losesPatience, isReached } = browser({ own: madeFor('ours') })
    hearsNothing()
    const leaving = leave()
    await losesPatience()
    await losesPatience()
    await leaving
    expect(isReached()).toBe(false)
  })

  it('tells nobody any more where its payer leaves before it is known how it stands', async () => {
    const { leave, told, isReached } = browser({ own: madeFor('ours') })
    told.set('own', 'en')
    await leave()
    expect([isReached(), told.size]).toEqual([false, 0])
    const offline = browser({ own: madeFor('ours') })
    offline.losesNetwork()
    await offline.leave()
    expect(offline.isReached()).toBe(false)
  })

  it('may try again where it does not reach its push service', async () => {
    const { read, turnOn, isFarAway, losesPatience, state } = browser()
    await read()
    isFarAway()
    const turning = turnOn()
    await settled()
    expect(state()).toMatchObject({ standing: 'off', isTurning: true })
    await losesPatience()
    await turning
    expect(state()).toMatchObject({ standing: 'off', isTurning: false, isFailed: true })
  })

  it('is turned off here and at the server, and stays on where the server did not hear', async () => {
    const { turnOn, turnOff, losesNetwork, state, told, isReached } = browser()
    await turnOn()
    await turnOff()
    expect([state().standing, told.size, isReached()]).toEqual(['off', 0, false])
    await turnOn()
    losesNetwork()
    await turnOff()
    expect(state()).toMatchObject({ standing: 'on', isFailed: true })
  })

  it('hears nothing any more of who signs out, also where the server did not hear of it', async () => {
    const { turnOn, leave, losesNetwork, isReached, told } = browser()
    await turnOn()
    await leave()
    expect([told.size, isReached()]).toEqual([0, false])
    await turnOn()
    losesNetwork()
    await leave()
    expect(isReached()).toBe(false)
  })

  it('offers nothing before it knows how it stands, and nothing again to who has said no', async () => {
    const { read, losesNetwork, decline, state } = browser()
    losesNetwork()
    await read()
    expect(state()).toMatchObject({ standing: 'unread', isDeclined: false })
    decline()
    expect(state()).toMatchObject({ isDeclined: true })
  })
})
