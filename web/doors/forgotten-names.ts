import type { Payer } from '../../shared/wire/payment-api.ts'
import { DoorError, noticeOf } from '../flows/notice.ts'
import type { DeviceStorage } from './device-storage.ts'
import type { PaymentClient } from './payment-client.ts'

/** Who was forgotten here and may still be signed in, as where the server was out of reach. */
export interface ForgottenNames {
  has(username: string): boolean
  add(username: string): void
  /** Nobody of them is signed in any more. */
  clear(): void
}

const key = 'moniker.forgotten'

export function forgottenNames(storage: DeviceStorage): ForgottenNames {
  const names = (): string[] => (storage.getItem(key) || '').split('\n')
  return {
    has: (username) => names().includes(username),
    add: (username) => storage.setItem(key, [...names(), username].join('\n')),
    clear: () => storage.setItem(key, ''),
  }
}

/** Whoever was forgotten is signed out before anybody is taken for them. */
export function leavingForgotten(client: PaymentClient, forgotten: ForgottenNames): PaymentClient {
  async function unlessForgotten(payer: Payer | null): Promise<Payer | null> {
    const isForgotten = payer !== null && forgotten.has(payer.username)
    if (isForgotten) await client.ask('DELETE', '/api/session')
    forgotten.clear()
    return isForgotten ? null : payer
  }
  return {
    ...client,
    whoIsHere: async () => unlessForgotten(await client.whoIsHere()),
    async session() {
      const here = await client.session().catch((error: unknown) => {
        if (noticeOf(error) === 'session-missing') forgotten.clear()
        throw error
      })
      const payer = await unlessForgotten(here)
      if (payer === null) throw new DoorError('session-missing')
      return payer
    },
    async signIn(request) {
      const payer = await client.signIn(request)
      // Whoever signs in is wanted, and nobody else is signed in any more.
      forgotten.clear()
      return payer
    },
  }
}
