import type { DeclineReason } from '../../shared/decline.ts'
import type { Money } from '../../shared/money.ts'
import { forEachDue } from '../runtime/each-due.ts'
import type { Clock, Log, Stop } from '../runtime/room.ts'
import type { BankClient } from './bank-client.ts'
import { isUnanswered, type Operation } from './operation-record.ts'
import type { NewOperation, OperationStore } from './operation-store.ts'
import { leaseMs, pauseMsAfter } from './pause.ts'

const operationsAtOnce = 20

/** What the bank has decided about an operation, in its signed words; null where nothing that can be believed was said. */
type Word = { readonly signed: string; readonly refusal: DeclineReason | null } | null

/**
 * Asks the bank for what was written down, until it answers. Silence is not a no: it is asked again by the same name, under which it
 * does nothing twice. Several processes may run this side by side.
 */
export function operator(tools: { operations: OperationStore; bank: BankClient; clock: Clock; log: Log }) {
  const { operations, bank, clock, log } = tools

  const leaseUntilMs = () => clock.nowMs() + leaseMs

  async function wordOn({ kind, reference, name, amount }: Operation): Promise<Word> {
    switch (kind) {
      case 'capture':
        return movementWord(await bank.capture({ reference, name, amount, isFinal: false }), name, amount)
      case 'refund':
        return movementWord(await bank.refund({ reference, name, amount }), name, amount)
      case 'void':
      case 'expire':
        return releaseWord(await bank.void(reference))
    }
  }

  async function ask(operation: Operation): Promise<Operation> {
    const word = await wordOn(operation)
    if (word === null) {
      await operations.leaveUnknown(operation, clock.nowMs() + pauseMsAfter(operation.askings - 1))
    } else if (word.refusal === null) {
      await operations.finish(operation, word.signed)
    } else {
      await operations.refuse(operation, word.refusal, word.signed)
    }
    const present = await asItIs(operation)
    if (!isUnanswered(present)) {
      log.info(`${operation.kind}-settled`, { payment: operation.payment, state: present.state })
    }
    return present
  }

  async function askAgain(operation: Operation): Promise<Operation> {
    const claimed = await operations.claim(operation, leaseUntilMs())
    return claimed === null ? asItIs(operation) : ask(claimed)
  }

  const asItIs = async (operation: Operation): Promise<Operation> =>
    (await operations.find(operation.payment, operation.name)) ?? operation

  return {
    askAgain,

    /**
     * @param stop for the worker; a merchant is waiting for the answer
     * @returns null where the payment has no room for it; else what became of it so far
     */
    async operate(asked: NewOperation, stop?: Stop): Promise<Operation | null> {
      if (!(await operations.begin(asked, leaseUntilMs()))) return null
      const begun = { ...asked, state: 'asking', declineReason: null, askings: 1, askedAtMs: clock.nowMs() } as const
      const operation = await ask(begun)
      return operation.state === 'unknown' && !stop?.aborted ? askAgain(operation) : operation
    },

    async askDue(stop: Stop): Promise<void> {
      await forEachDue(await operations.due(operationsAtOnce), log, askAgain, stop)
    },
  }
}
export type Operator = ReturnType<typeof operator>

type Said = Awaited<ReturnType<BankClient['capture']>> | Awaited<ReturnType<BankClient['refund']>>

/** An answer about another amount, or under another name, than was asked for is no answer to what was asked. */
function movementWord(said: Said, name: string, amount: Money): Word {
  if (said === null) return null
  const { body, signed } = said
  if (body.amount.currency !== amount.currency) return null
  // A refusal names the whole authorization's amount, or the one asked for.
  if (body.outcome === 'declined') return { signed, refusal: body.reason }
  return body.name === name && body.amount.minor === amount.minor ? { signed, refusal: null } : null
}

function releaseWord(said: Awaited<ReturnType<BankClient['void']>>): Word {
  // The bank has approved this authorization. One that says it never saw it has lost it: somebody has to look.
  if (said === null || said.body.outcome === 'absent') return null
  return { signed: said.signed, refusal: said.body.outcome === 'declined' ? said.body.reason : null }
}
