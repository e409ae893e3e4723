import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Intent } from '../../shared/intent.ts'
import { challengeOf } from '../../shared/intent.ts'
import {
  type ConsolePayment,
  type ConsolePerson,
  consoleAttemptsSchema,
  consoleFirstStepsSchema,
  consoleInvitationAnswer,
  consoleInviteAnswer,
  consolePaymentSchema,
  consolePeopleSchema,
  consolePersonSchema,
  consoleSignInIntentAnswer,
  consoleTakingsSchema,
  consoleWebhookKeysSchema,
  consoleWebhooksSchema,
} from '../../shared/wire/console-api.ts'
import { type MerchantPayments, merchantPaymentSchema, merchantPaymentsSchema } from '../../shared/wire/merchant-api.ts'
import { type SoftwareAuthenticator, softwareAuthenticator } from './authenticator.ts'
import { type Answer, browserTab, type Http, taken } from './http.ts'
import type { Deviation } from './payer.ts'

/** Somebody of a merchant's with a device: does over HTTP what the console's pages do. */
export function softwarePerson(options: {
  http: Http
  origin: string
  rpId: string
  random: (bytes: number) => Uint8Array
  /** Somebody else's. */
  device?: SoftwareAuthenticator
}) {
  const { http, origin, rpId, random } = options
  const tab = browserTab(http, origin)
  const device = options.device ?? softwareAuthenticator({ random, origin, rpId, synced: true })
  const sign = async (intent: Intent, deviation: Deviation = {}) =>
    device.get({ challenge: await challengeOf(intent), ...deviation })

  return {
    tab,
    device,
    sign,
    looksAtInvitation: (secret: string) =>
      tab.post('/api/console/invitations/intent', consoleInvitationAnswer, { secret }),

    async joins(secret: string): Promise<Answer<ConsolePerson>> {
      const asked = await this.looksAtInvitation(secret)
      if (!asked.ok) return asked
      const { intent } = asked.value
      const user = { id: intent.userHandle, name: 'console' }
      const response = await device.create({ challenge: await challengeOf(intent), user })
      return tab.post('/api/console/invitations/passkey', consolePersonSchema, { secret, intent, response })
    },

    async signsIn(deviation: Deviation = {}): Promise<Answer<ConsolePerson>> {
      const { intent } = taken(await tab.post('/api/console/sessions/intent', consoleSignInIntentAnswer, {}))
      return tab.post('/api/console/sessions', consolePersonSchema, { intent, response: await sign(intent, deviation) })
    },

    signsOut: () => tab.post('/api/console/sessions/end', z.strictObject({}), {}),
    session: (): Promise<Answer<ConsolePerson>> => tab.get('/api/console/session', consolePersonSchema),
    /** @param query such as `mode=live&search=tea` */
    lists: (query = 'mode=live'): Promise<Answer<MerchantPayments>> =>
      tab.get(`/api/console/payments?${query}`, merchantPaymentsSchema),
    acts: (payment: string, act: string, asked: object = {}, idempotencyKey: string = randomUUID()) =>
      tab.post(`/api/console/payments/${payment}/${act}`, merchantPaymentSchema, { ...asked, idempotencyKey }),
    takings: (startsMs: readonly number[], mode = 'live') =>
      tab.get(`/api/console/takings?mode=${mode}&starts=${startsMs.join()}`, consoleTakingsSchema),
    people: () => tab.get('/api/console/people', consolePeopleSchema),
    invites: (role: string, name = 'Grace') => tab.post('/api/console/people', consoleInviteAnswer, { role, name }),
    changes: (id: string, what: 'role' | 'remove', asked: object = {}) =>
      tab.post(`/api/console/people/${id}/${what}`, z.strictObject({}), asked),
    firstSteps: () => tab.get('/api/console/first-steps', consoleFirstStepsSchema),
    ordersTest: (idempotencyKey: string = randomUUID()) =>
      tab.post('/api/console/test-orders', merchantPaymentSchema, { idempotencyKey }),
    webhooks: () => tab.get('/api/console/webhooks', consoleWebhooksSchema),
    addsWebhook: (asked: object) => tab.post('/api/console/webhooks', consoleWebhookKeysSchema, asked),
    attemptsAt: (webhook: string) => tab.get(`/api/console/webhooks/${webhook}/attempts`, consoleAttemptsSchema),
    sees: (payment: string): Promise<Answer<ConsolePayment>> =>
      tab.get(`/api/console/payments/${payment}`, consolePaymentSchema),
  }
}
export type SoftwarePerson = ReturnType<typeof softwarePerson>
