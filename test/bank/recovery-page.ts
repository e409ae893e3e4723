import type { CardDetails } from '../../shared/cardholder/card-details.ts'
import type { BankAnswer } from '../../shared/wire/bank-api.ts'
import { typedOnPage } from '../support/bank.ts'
import type { BankWorld } from './bank-world.ts'

/** What a cardholder does on the page that the bank asks them on. @param shown the card they have, or null for no */
export function saysOfRecovery(
  world: BankWorld,
  asked: BankAnswer<'recover'>,
  shown: CardDetails | null,
  headers: Record<string, string> = {},
): Promise<Response> {
  return world.http(pageOf(asked), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typedOnPage(shown),
  })
}

/** Where that page is. */
export function pageOf(asked: BankAnswer<'recover'>): string {
  if (asked.outcome !== 'recovery' || asked.confirmation === undefined) throw new Error('the bank did not ask')
  return new URL(asked.confirmation.url).pathname
}
