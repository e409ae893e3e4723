import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { taken } from '../support/http.ts'
import { openPushService, type PushService, senderOf } from '../support/push-service.ts'
import { openPaymentWorld, type PaymentWorld, walletOrigin } from './payment-world.ts'
import { openPushWorld, type PushWorld } from './push-world.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const problem = (code: string) => ({ ok: false, problem: { code } })

let service: PushService
beforeAll(async () => {
  service = await openPushService()
})
afterAll(() => service.close())

describe('a browser that is told of payments', () => {
  let story: PushWorld
  beforeEach(async () => {
    story = await openPushWorld(service, 'sqlite')
  })
  afterEach(() => story.world.close())

  it('hears of one that was paid, in words that its push service cannot read', async () => {
    const { world, phone, pays } = story
    const payment = await pays()
    await world.tells()
    const [pushed, ...others] = phone.takes()
    expect(others).toEqual([])
    expect(pushed?.message.notification).toEqual({
      title: '€4.20 paid',
      body: 'Bluebird Coffee · Visa •••• 1111',
      lang: 'en-IE',
      dir: 'auto',
      tag: payment,
      timestamp: world.clock.nowMs(),
      navigate: `${walletOrigin}/?payment=${payment}`,
    })
    expect(pushed?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high' })
    expect(pushed?.headers.topic).not.toContain(payment)
    expect(pushed?.closed.toString('latin1')).not.toContain('Bluebird')
    await world.tells()
    expect(phone.takes()).toEqual([])
  })

  it('is told so that its push service cannot find out by the topic what of, nor who else is', async () => {
    const { world, phone, subscribes, pays } = story
    const tablet = service.browser()
    taken(await subscribes(tablet))
    const payment = await pays()
    await world.tells()
    const [one, other] = [phone.takes()[0]?.headers.topic, tablet.takes()[0]?.headers.topic]
    expect(one).toMatch(/^[\w-]{32}$/)
    expect(other).not.toBe(one)
    const guess = createHash('sha256').update(payment).digest('base64url').slice(0, 32)
    expect([one, other]).not.toContain(guess)
    taken(await world.shop.refunds(payment, 1_00))
    await world.tells()
    expect([phone.takes()[0]?.headers.topic, tablet.takes()[0]?.headers.topic]).toEqual([one, other])
  })

  it('can tell who sends it, for twelve hours and for this push service alone', async () => {
    const { world, phone, standing, pays } = story
    await pays()
    await world.tells()
    const [pushed] = phone.takes()
    const { applicationServerKey } = await standing()
    const nowMs = world.clock.nowMs()
    expect(pushed && (await senderOf(pushed, applicationServerKey, nowMs))).toEqual({
      aud: service.origin,
      exp: nowMs / 1000 + 12 * 3600,
      sub: 'mailto:postmaster@pay.localhost',
    })
  })

  it.each([
    ['en-US', '€4.20 set aside', '€1.20 of €3.00 given back'],
    ['zh-CN', '已预留 €4.20', '已退款 €1.20（共 €3.00）'],
  ])('hears in %s of money that is set aside, and of what is given back', async (locale, setAside, givenBack) => {
    const { world, ada, phone, subscribes, said, pays } = story
    taken(await subscribes(phone, ada, locale))
    const payment = await pays({ capture: 'manual' })
    await world.tells()
    taken(await world.shop.captures(payment, 3_00))
    taken(await world.shop.refunds(payment, 1_20))
    await world.tells()
    // What was captured was no news any more when it could be told.
    expect(said()).toEqual([setAside, givenBack])
  })

  it('is told again after what went wrong: in ten seconds, a minute, ten, an hour and six', async () => {
    const { world, phone, said, pays, passes } = story
    service.answers(503)
    await pays()
    await world.tells()
    for (const pauseMs of [10_000, minuteMs, 10 * minuteMs, hourMs]) await passes(pauseMs)
    service.answers(201)
    await passes(6 * hourMs - 1)
    expect(phone.takes()).toEqual([])
    await passes(1)
    expect(said()).toEqual(['€4.20 paid'])
  })

  it('is given up after six times, and told of the next payment all the same', async () => {
    const { world, ada, phone, said, pays, passes } = story
    service.answers(503)
    await pays()
    await world.tells()
    for (const pauseMs of [10_000, minuteMs, 10 * minuteMs, hourMs, 6 * hourMs]) await passes(pauseMs)
    service.answers(201)
    await passes(24 * hourMs)
    expect(phone.takes()).toEqual([])
    taken(await ada.signsIn())
    await pays()
    await world.tells()
    expect(said()).toEqual(['€4.20 paid'])
  })

  it('is not reached at what is not everybody’s', async () => {
    const { phone, subscribes } = story
    const hostile = [
      ...['https://10.0.0.1/push', 'http://169.254.169.254/latest/meta-data', 'https://[fd00::1]/1'],
      ...['http://push.example/1', 'https://ada:secret@push.example/1', 'https://push.internal/1', 'push'],
    ]
    for (const endpoint of hostile) {
      const answer = await subscribes({ target: { ...phone.target, endpoint } })
      expect(answer, endpoint).toMatchObject(problem('push-target-refused'))
    }
  })

  it('is reached on the server’s own machine only where the wallet is there too', async () => {
    const { target } = service.browser()
    const to = { ...target, endpoint: 'https://127.0.0.1/push' }
    const renews = async ({ http }: Pick<PaymentWorld, 'http'>, origin: string) => {
      const headers = { origin, 'content-type': 'application/json' }
      const body = JSON.stringify({ from: target, to })
      return http(new Request(`${origin}/api/push/renewal`, { method: 'POST', headers, body }))
    }
    expect(await (await renews(story.world, walletOrigin)).json()).toMatchObject({ code: 'push-unknown' })
    const origin = 'https://pay.example'
    const everybodys = await openPaymentWorld({ config: { origin, isHttps: true } })
    const refusal = await renews(everybodys, origin)
    expect(await refusal.json()).toMatchObject({ code: 'push-target-refused' })
    await everybodys.close()
  })

  it('needs a key that something can be closed by, a language, and somebody who is signed in', async () => {
    const { world, ada, phone, subscribes } = story
    const p256dh = `${phone.target.keys.p256dh.slice(0, -6)}AAAAAA`.slice(0, 87)
    const offCurve = { ...phone.target, keys: { ...phone.target.keys, p256dh } }
    expect(await subscribes({ target: offCurve })).toMatchObject(problem('push-target-refused'))
    expect(await subscribes(phone, ada, 'no language')).toMatchObject(problem('body-malformed'))
    expect(await subscribes(phone, world.newcomer('eve'))).toMatchObject(problem('session-missing'))
  })
})
