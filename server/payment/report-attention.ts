import type { Tools } from '../runtime/room.ts'
import type { Attention } from './attention.ts'

/**
 * Says, in the log and to whoever sits at the terminal, how many payments somebody should look at, whenever that changes. Which
 * ones, `GET /healthz` tells with the operator's token.
 */
export function attentionReporter(attention: Attention, { log, tell }: Pick<Tools, 'log' | 'tell'>) {
  let reported = 0
  return async (): Promise<void> => {
    const count = await attention.payments()
    if (count === reported) return
    reported = count
    log.warn('payments-needing-attention', { count })
    tell?.(sentence(count))
  }
}

function sentence(count: number): string {
  if (count === 0) return 'No payment needs attention any more.'
  const which = 'GET /healthz of the payment server tells which, with the operator’s token.'
  return count === 1 ? `1 payment needs attention: ${which}` : `${count} payments need attention: ${which}`
}
