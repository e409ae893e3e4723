import type { KeyMode } from '../shared/wire/merchant-api.ts'
import type { MerchantDesk } from './payment/room.ts'
import { StartupError } from './runtime/startup-error.ts'

/** What `npm run merchant` was asked. */
export type Asked = {
  readonly desk: MerchantDesk
  /** Opened where it is needed: it takes the keys at rest. */
  readonly webhooks: () => Promise<ReturnType<MerchantDesk['webhooks']>>
  readonly words: readonly string[]
  readonly options: { readonly mode?: string; readonly scope?: string; readonly name?: string; readonly role?: string }
  /** Where payers and merchants’ people find the payment server. */
  readonly origin: string
  /** Of keys and webhooks where nothing else is said: test, where the bank is a simulator. */
  readonly usualMode: KeyMode
}

/** By name: how many words follow, and what is done. An act answers with what to print. */
export type MerchantActs = Readonly<Record<string, { words: number; act: (asked: Asked) => Promise<string> }>>

/** @throws {StartupError} */
export function oneOf<const T extends string>(known: readonly T[], given: string): T {
  const found = known.find((word) => word === given)
  if (found === undefined) throw new StartupError(`“${given}” is none of ${known.join(', ')}.`)
  return found
}

export const dateOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
