import type { Surroundings } from './machine.ts'
import { type Answer, Broken, type Message } from './message.ts'

/** Hands a message to whoever it is for. */
export type Receiver = (message: Message) => Promise<Answer>

const soonMs = 20
const slowMs = 30_000
const muchLaterMs = 20 * 60_000

/** Carries messages, and gives no promise about any of them. An answer that does not come is a promise that never settles. */
export function networkOf({ scheduler, dice, faults }: Pick<Surroundings, 'scheduler' | 'dice' | 'faults'>) {
  const lastAnswer = new Map<string, Answer>()
  function delayMs(): number {
    if (!dice.chance(faults.slow)) return dice.between(1, soonMs)
    const ms = dice.between(soonMs, slowMs)
    scheduler.note(`something is slow: ${ms} ms`)
    return ms
  }

  function deliverAgain(way: string, message: Message, to: Receiver, afterMs: number): void {
    scheduler.after(afterMs, `${way} arrives again`, () => void to(message).catch(() => {}))
  }

  function altered(way: string, answer: Answer): Answer {
    const earlier = lastAnswer.get(way)
    lastAnswer.set(way, answer)
    if (!dice.chance(faults.corrupt)) return answer
    scheduler.note(`${way} answer is not the one that was sent`)
    if (earlier !== undefined && dice.chance(0.5)) return earlier
    const at = dice.below(answer.body.length)
    const other = answer.body[at] === 'A' ? 'B' : 'A'
    return { ...answer, body: answer.body.slice(0, at) + other + answer.body.slice(at + 1) }
  }

  return {
    /**
     * @param way names sender, receiver and path in the trace
     * @param isAltered whether answers may be tampered with: not where TLS stands in for a signature
     */
    exchange(way: string, message: Message, to: Receiver, isAltered: boolean): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const breaks = () => reject(new Broken(`${way} broke`))
        if (dice.chance(faults.duplicate))
          deliverAgain(way, message, to, dice.pick([delayMs(), delayMs(), dice.below(muchLaterMs)]))
        if (dice.chance(faults.drop)) return scheduler.note(`${way} is lost`)
        if (dice.chance(faults.reset)) {
          scheduler.after(delayMs(), `${way} breaks`, breaks)
          if (dice.chance(0.5)) deliverAgain(way, message, to, delayMs())
          return
        }
        scheduler.after(delayMs(), `${way} arrives`, () => {
          to(message).then(
            (answer) => {
              if (dice.chance(faults.drop)) return scheduler.note(`${way} answer ${answer.status} is lost`)
              const arriving = isAltered ? altered(way, answer) : answer
              scheduler.after(delayMs(), `${way} answered ${answer.status}`, () => resolve(arriving))
            },
            () => scheduler.after(delayMs(), `${way} breaks`, breaks),
          )
        })
      })
    },
  }
}
export type Network = ReturnType<typeof networkOf>
