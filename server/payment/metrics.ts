import { paymentStates } from '../../shared/payment.ts'
import { type Attention, attentionReasons } from './attention.ts'

/** How often the bank gave which answer to what, since this process started. `silent`: none that could be believed. */
export function bankOutcomes() {
  const counts = new Map<string, { operation: string; outcome: string; count: number }>()
  return {
    add(operation: string, outcome: string): void {
      const known = counts.get(`${operation} ${outcome}`) ?? { operation, outcome, count: 0 }
      counts.set(`${operation} ${outcome}`, { ...known, count: known.count + 1 })
    },
    list: () => [...counts.values()],
  }
}
export type BankOutcomes = ReturnType<typeof bankOutcomes>

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number }

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * How this payment server is doing, for Prometheus.
 * @returns text exposition format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export async function metricsText(attention: Attention, outcomes: BankOutcomes): Promise<string> {
  const byState = await attention.paymentsByState()
  const byReason = await attention.counts()
  const oldestMs = await attention.oldestUnansweredMs()
  return [
    family(
      'moniker_payments',
      'gauge',
      'Payments, by the state they are in.',
      paymentStates.map((state) => ({ labels: { state }, value: byState.get(state) ?? 0 })),
    ),
    family(
      'moniker_payments_needing_attention',
      'gauge',
      'Payments that somebody should look at, by why.',
      attentionReasons.map((reason) => ({ labels: { reason }, value: byReason.get(reason) ?? 0 })),
    ),
    family('moniker_oldest_unanswered_seconds', 'gauge', 'How long the bank owes its oldest missing answer.', [
      { value: oldestMs / 1000 },
    ]),
    family(
      'moniker_bank_answers_total',
      'counter',
      'Answers of the bank since this process started; silent where none could be believed.',
      outcomes.list().map(({ operation, outcome, count }) => ({ labels: { operation, outcome }, value: count })),
    ),
  ].join('')
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

/** Every value is a word of ours, from an enumeration: there is nothing in it to escape. */
function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
