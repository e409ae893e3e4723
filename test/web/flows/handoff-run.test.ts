import { describe, expect, it } from 'vitest'
import type { Handoff, HandoffProgress } from '../../../shared/wire/handoff-api.ts'
import type { HandoffClient } from '../../../web/doors/handoff-client.ts'
import type { HandoffLine } from '../../../web/doors/handoff-line.ts'
import { handoffRun } from '../../../web/flows/handoff-run.ts'
import { DoorError } from '../../../web/flows/notice.ts'
import { nothing } from './doors.ts'

const handoff: Handoff = {
  secret: 'S'.repeat(22),
  handle: 'H'.repeat(22),
  number: 42,
  expiresAtMs: 1_300_000,
  nowMs: 1_000_000,
}
const open: HandoffProgress = { state: 'open', payment: 'created' }
const matched: HandoffProgress = { state: 'matched', payment: 'created' }

const noLine: HandoffLine = () => ({ over: Promise.resolve(), hangUp: () => undefined })
/** Says all of this at once, and then breaks. */
const lineThatSays =
  (...said: HandoffProgress[]): HandoffLine =>
  (_handle, hear) => {
    for (const progress of said) queueMicrotask(() => hear(progress))
    return { over: new Promise((resolve) => setTimeout(resolve)), hangUp: () => undefined }
  }

/** A screen that shows a code, and how it stands at one look after another; after the last one somebody leaves the page. */
function screen(
  looks: readonly (HandoffProgress | DoorError)[],
  { begin = async () => handoff, line = noLine }: { begin?: HandoffClient['begin']; line?: HandoffLine } = {},
) {
  const left = [...looks]
  const steps: string[] = []
  let rereads = 0
  const client: HandoffClient = {
    begin,
    async progress() {
      const look = left.shift() ?? nothing()
      if (look instanceof DoorError) throw look
      return look
    },
    look: nothing,
    match: nothing,
  }
  const pause = async () => {
    if (left.length === 0) run.stop()
  }
  const run = handoffRun({ client, line, nowMs: () => 50, pause }, 'pay_1', async () => {
    rereads += 1
  })
  run.flow.subscribe(() => steps.push(run.flow.now().step))
  return { run, steps, rereads: () => rereads }
}

describe('the screen that shows a bill', () => {
  it('shows a code and a number, by its own clock for as long as by the server’s', async () => {
    const { run, steps } = screen([open])
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown'])
    expect(run.flow.now()).toMatchObject({ number: 42, secret: handoff.secret, endsAtMs: 300_050 })
  })

  it('says “check your phone”, then reads the bill once it has moved', async () => {
    const { run, steps, rereads } = screen([open, matched, { state: 'matched', payment: 'captured' }])
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown', 'matched', 'moved'])
    expect(rereads()).toBe(1)
  })

  it('stays where a bank said no: the phone can take another card', async () => {
    const { run, steps } = screen([matched, { state: 'matched', payment: 'declined' }])
    await run.begin()
    expect(steps.at(-1)).toBe('matched')
    expect(run.flow.now()).toMatchObject({ isDeclined: true })
  })

  it.each(['refused', 'over'] as const)('ends where the code is %s, and begins again', async (state) => {
    const { run, steps } = screen([{ state, payment: 'created' }, open])
    await run.begin()
    expect(run.flow.now()).toEqual({ step: 'ended', why: state })
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown', 'ended', 'beginning', 'shown'])
  })

  it('moves on also where the bill was paid past the code', async () => {
    const { run, steps } = screen([{ state: 'open', payment: 'captured' }])
    await run.begin()
    expect(steps.at(-1)).toBe('moved')
  })

  it('asks nothing while there is a line that tells', async () => {
    const line = lineThatSays(open, matched, { state: 'matched', payment: 'captured' })
    const { run, steps, rereads } = screen([], { line })
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown', 'matched', 'moved'])
    expect(rereads()).toBe(1)
  })

  it('asks by itself from where the line broke', async () => {
    const paid: HandoffProgress = { state: 'matched', payment: 'captured' }
    const { run, steps } = screen([matched, paid], { line: lineThatSays(open, matched) })
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown', 'matched', 'moved'])
  })

  it('hangs up when somebody leaves the page', async () => {
    let isHungUp = false
    const { run } = screen([], {
      line: (_handle, hear) => {
        queueMicrotask(() => {
          hear(open)
          run.stop()
        })
        let end = () => {}
        const over = new Promise<void>((resolve) => {
          end = resolve
        })
        return {
          over,
          hangUp() {
            isHungUp = true
            end()
          },
        }
      },
    })
    await run.begin()
    expect(isHungUp).toBe(true)
  })

  it('keeps looking where a look gets no answer', async () => {
    const { run, steps } = screen([new DoorError('offline'), matched])
    await run.begin()
    expect(steps).toEqual(['beginning', 'shown', 'matched'])
  })

  it.each([
    ['handoffs-too-many', 'too-many'],
    ['offline', 'failed'],
    ['payment-settled', 'failed'],
  ])('says why there is no code (%s), and reads the bill', async (code, why) => {
    const { run, rereads } = screen([], {
      begin: async () => {
        throw new DoorError(code)
      },
    })
    await run.begin()
    expect(run.flow.now()).toEqual({ step: 'ended', why })
    expect(rereads()).toBe(1)
  })
})
