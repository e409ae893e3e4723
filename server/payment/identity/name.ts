import type { PayerId } from '../../../shared/identifiers.ts'
import { Problem } from '../../../shared/problem.ts'
import { parseUsername } from '../../../shared/username.ts'
import type { PayerStore } from './payer-store.ts'
import type { Pseudonyms } from './pseudonym.ts'

/**
 * Who a typed name is. A name nobody has, or nobody could have, is answered with a payer that is always the same for that name
 * and found in no table: everything after goes the same way for both, and only the passkey tells them apart.
 */
export function nameFinder(payers: PayerStore, pseudonyms: Pseudonyms) {
  return async function payerNamed(typed: string): Promise<PayerId> {
    const name = canonicalOrTyped(typed)
    const decoy = pseudonyms.decoyPayer(name)
    return (await payers.idOfName(name)) ?? decoy
  }
}
export type PayerNamed = ReturnType<typeof nameFinder>

function canonicalOrTyped(typed: string): string {
  try {
    return parseUsername(typed).username
  } catch (error) {
    if (error instanceof Problem) return typed
    throw error
  }
}
