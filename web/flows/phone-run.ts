import type { HandoffClient } from '../doors/handoff-client.ts'
import { type Flow, flow } from './flow.ts'
import { DoorError, noticeOf } from './notice.ts'
import { type PhoneEvent, type PhoneFlow, phoneFlow } from './phone-flow.ts'

export type PhoneRun = {
  readonly flow: Flow<PhoneFlow, PhoneEvent>
  look(): Promise<void>
  type(text: string): void
  match(): Promise<void>
}

const secretText = /^[A-Za-z0-9_-]{22}$/
const paymentText = /^pay_[A-Za-z0-9_-]{22}$/

/**
 * @param fragment what the address has behind its `#`: the link's secret, or the payment once the number was said, so that a page that is
 * loaded again is still of use. Of a payment it tells nothing that the payment's own address would not.
 * @param keep puts the payment there
 */
export function phoneRun(client: HandoffClient, fragment: string, keep: (payment: string) => void): PhoneRun {
  const run = flow<PhoneFlow, PhoneEvent>(phoneFlow, { step: 'looking' })
  const { now, send } = run

  async function look(): Promise<void> {
    if (paymentText.test(fragment)) return send({ type: 'matched', payment: fragment })
    if (!secretText.test(fragment)) return send({ type: 'over' })
    try {
      send({ type: 'looked', what: await client.look(fragment) })
    } catch (error) {
      send(endOf(error) ?? { type: 'unreadable', notice: noticeOf(error) })
    }
  }

  async function match(): Promise<void> {
    const state = now()
    if (state.step !== 'asked' || state.doing !== 'nothing') return
    const number = numberIn(state.text)
    if (number === null) return send({ type: 'missing' })
    send({ type: 'matching' })
    try {
      const { payment } = await client.match(fragment, number)
      keep(payment)
      send({ type: 'matched', payment })
    } catch (error) {
      send(endOf(error) ?? { type: 'failed', notice: noticeOf(error) })
    }
  }

  return { flow: run, look, match, type: (text) => send({ type: 'typed', text }) }
}

/** Two digits, also those of a keyboard that writes them wide. */
function numberIn(text: string): number | null {
  const digits = text.normalize('NFKC').trim()
  return /^[1-9][0-9]$/.test(digits) ? Number(digits) : null
}

function endOf(error: unknown): PhoneEvent | null {
  const code = error instanceof DoorError ? error.origin : ''
  if (code === 'handoff-over') return { type: 'over' }
  return code === 'handoff-refused' ? { type: 'refused' } : null
}
