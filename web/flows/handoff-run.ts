import type { HandoffClient } from '../doors/handoff-client.ts'
import type { HandoffLine } from '../doors/handoff-line.ts'
import { type Flow, flow } from './flow.ts'
import { type HandoffEvent, type HandoffFlow, handoffFlow } from './handoff-flow.ts'
import { DoorError } from './notice.ts'

type HandoffTools = {
  readonly client: HandoffClient
  readonly line: HandoffLine
  readonly nowMs: () => number
  readonly pause: (durationMs: number) => Promise<void>
}

export type HandoffRun = {
  readonly flow: Flow<HandoffFlow, HandoffEvent>
  /** Shows a code, or a new one, and watches what becomes of it. */
  begin(): Promise<void>
  stop(): void
}

const lookEveryMs = 1_500

/** @param reread reads the bill, which has moved or may have. Asked again while nothing comes of it. */
export function handoffRun(
  { client, line, nowMs, pause }: HandoffTools,
  payment: string,
  reread: () => Promise<void>,
): HandoffRun {
  const run = flow<HandoffFlow, HandoffEvent>(handoffFlow, { step: 'intro' })
  const { now, send } = run
  let isStopped = false
  let hangUp = () => {}

  async function begin(): Promise<void> {
    if (now().step !== 'intro' && now().step !== 'ended') return
    send({ type: 'begin' })
    try {
      send({ type: 'begun', handoff: await client.begin(payment), nowMs: nowMs() })
    } catch (error) {
      send({ type: 'ended', why: isTooMany(error) ? 'too-many' : 'failed' })
      return reread() // perhaps there is nothing left to pay
    }
    await listen()
    await watch()
  }

  /** As long as there is a line, which tells at once. Without one, or once it is broken, the screen asks by itself. */
  async function listen(): Promise<void> {
    const state = now()
    if (isStopped || state.step !== 'shown') return
    const call = line(state.handle, (progress) => {
      send({ type: 'progressed', progress })
      if (now().step === 'moved' || now().step === 'ended') call.hangUp()
    })
    hangUp = call.hangUp
    await call.over
    if (now().step === 'moved' && !isStopped) await reread()
  }

  async function watch(): Promise<void> {
    for (;;) {
      await pause(lookEveryMs)
      const state = now()
      if (isStopped) return
      if (state.step === 'moved') await reread()
      else if (state.step === 'shown' || state.step === 'matched') await look(state.handle)
      else return
    }
  }

  async function look(handle: string): Promise<void> {
    const progress = await client.progress(handle).catch(() => null)
    if (progress === null || isStopped) return
    send({ type: 'progressed', progress })
    if (now().step === 'moved') await reread()
  }

  return {
    flow: run,
    begin,
    stop() {
      isStopped = true
      hangUp()
    },
  }
}

const isTooMany = (error: unknown): boolean => error instanceof DoorError && error.origin === 'handoffs-too-many'
