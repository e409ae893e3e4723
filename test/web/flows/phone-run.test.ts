import { describe, expect, it } from 'vitest'
import { money } from '../../../shared/money.ts'
import type { HandedOff } from '../../../shared/wire/handoff-api.ts'
import type { HandoffClient } from '../../../web/doors/handoff-client.ts'
import { passkeysHere } from '../../../web/doors/passkeys-here.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { phoneRun } from '../../../web/flows/phone-run.ts'
import { billOf } from './bill.ts'
import { nothing } from './doors.ts'

const secret = 'S'.repeat(22)
const payment = billOf().id
const what: HandedOff = {
  payee: { name: 'Bluebird Coffee', origin: 'https://bluebird.example' },
  amount: money(12_50, 'EUR'),
  reference: '1042',
}

function phone(script: Partial<HandoffClient> = {}, fragment = secret) {
  const kept: string[] = []
  const said: number[] = []
  const client: HandoffClient = {
    begin: nothing,
    progress: nothing,
    look: async () => what,
    match: async (_secret, number) => {
      said.push(number)
      return { payment }
    },
    ...script,
  }
  const run = phoneRun(client, fragment, (id) => kept.push(id))
  return { run, kept, said, state: () => run.flow.now() }
}

const fails = (code: string) => async () => {
  throw new DoorError(code)
}

describe('the phone that has followed the link', () => {
  it('says who asks for how much, and has the bill once the number is said', async () => {
    const { run, kept, said, state } = phone()
    await run.look()
    expect(state()).toMatchObject({ step: 'asked', what })
    run.type('42')
    await run.match()
    expect(said).toEqual([42])
    expect(state()).toEqual({ step: 'matched', payment })
    expect(kept).toEqual([payment])
  })

  it.each(['', '4', '04', 'no', '4２x'])('does not spend its one try on what is no number: “%s”', async (text) => {
    const { run, said, state } = phone()
    await run.look()
    run.type(text)
    await run.match()
    expect(said).toEqual([])
    expect(state()).toMatchObject({ step: 'asked', isMissing: true })
  })

  it('takes digits as an East Asian keyboard writes them', async () => {
    const { run, said } = phone()
    await run.look()
    run.type('４２')
    await run.match()
    expect(said).toEqual([42])
  })

  it.each([
    ['handoff-refused', 'refused'],
    ['handoff-over', 'over'],
  ])('is told the end where it is over: %s', async (code, step) => {
    const { run, state } = phone({ match: fails(code) })
    await run.look()
    run.type('42')
    await run.match()
    expect(state()).toEqual({ step })
  })

  it('tries again where the connection failed', async () => {
    const { run, state } = phone({ match: fails('offline') })
    await run.look()
    run.type('42')
    await run.match()
    expect(state()).toMatchObject({ step: 'asked', text: '42', doing: 'nothing', notice: 'offline' })
  })

  it('goes on where it was when its page is loaded again, and asks nothing of what is no link', async () => {
    const again = phone({ look: nothing }, payment)
    await again.run.look()
    expect(again.state()).toEqual({ step: 'matched', payment })
    const broken = phone({ look: nothing }, 'no link')
    await broken.run.look()
    expect(broken.state()).toEqual({ step: 'over' })
  })

  it('says what failed where the code cannot be looked up', async () => {
    const { run, state } = phone({ look: fails('offline') })
    await run.look()
    expect(state()).toEqual({ step: 'unreadable', notice: 'offline' })
  })
})

it('knows the browsers that have no passkeys, or only seem to', () => {
  const chrome = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36'
  expect(passkeysHere(chrome, true)).toBe('yes')
  expect(passkeysHere(chrome, false)).toBe('nowhere')
  expect(passkeysHere(chrome.replace('Pixel 9)', 'Pixel 9; wv)'), true)).toBe('doubtful')
  expect(passkeysHere(`${chrome} MicroMessenger/8.0.50`, true)).toBe('doubtful')
  expect(passkeysHere(`${chrome} Instagram 300.0`, true)).toBe('doubtful')
})
