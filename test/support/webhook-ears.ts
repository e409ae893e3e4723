import type { Egress, EgressOutcome, Outgoing } from '../../server/runtime/egress.ts'
import { eventSchema, type PaymentEvent } from '../../shared/wire/events-api.ts'

export type Heard = Outgoing & { readonly event: PaymentEvent }

/** Merchants' servers, as whoever calls them finds them: they hear everything, and answer what they are told to. */
export function webhookEars() {
  const heard: Heard[] = []
  const answers: EgressOutcome[] = []
  let failures = 0
  let answering: Egress | null = null
  let usually: EgressOutcome = { status: 204 }
  let called = Promise.withResolvers<void>()
  let hanging: Promise<void> | null = null
  const hear: Egress = async (outgoing) => {
    heard.push({ ...outgoing, event: eventSchema.parse(JSON.parse(outgoing.body)) })
    called.resolve()
    if (failures > 0) {
      failures -= 1
      throw new Error('a fault of ours')
    }
    const hang = hanging
    hanging = null
    await hang
    const answer = await answering?.(outgoing)
    return answers.shift() ?? answer ?? usually
  }
  return {
    hear,
    heard,
    /** From now on they are answered by a server that is there. */
    leadTo(server: (request: Request) => Response | Promise<Response>) {
      answering = async ({ url, headers, body }) => {
        const { status } = await server(new Request(url, { method: 'POST', headers, body }))
        return { status }
      }
    },
    /** The next calls get these, one after the other. */
    answersNext: (...next: EgressOutcome[]) => void answers.push(...next),
    /** From now on. */
    answers(next: EgressOutcome) {
      usually = next
    },
    /** The way out itself breaks, which it never should. */
    failsNext() {
      failures += 1
    },
    /** The next call is answered only then. */
    hangsUntil(end: Promise<void>) {
      hanging = end
      called = Promise.withResolvers()
    },
    isCalled: () => called.promise,
    /** What was heard since the last look. */
    takes: () => heard.splice(0),
  }
}
