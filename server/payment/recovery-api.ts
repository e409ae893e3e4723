import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CredentialId, PayerId } from '../../shared/identifiers.ts'
import { recoveryHoldMs } from '../../shared/recovery.ts'
import {
  makeRecoveryCodeRequest,
  nameRecoveryRequest,
  type Payer,
  recoverNameIntentRequest,
  recoverNameRequest,
  reportLossRequest,
  undoRecoveryIntentRequest,
  undoRecoveryRequest,
} from '../../shared/wire/payment-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { RecoveredNameStore } from './identity/recovered-name-store.ts'
import type { NameRecoverer } from './recover-name.ts'
import type { LossReporter } from './report-loss.ts'

type RecoveryApi = {
  readonly losses: LossReporter
  readonly nameRecovery: NameRecoverer
  readonly recoveries: Pick<RecoveredNameStore, 'heldOf'>
  /** @throws {Problem} `session-missing` */
  readonly signedIn: (context: Context) => Promise<PayerId>
  readonly openSession: (context: Context, payer: PayerId, passkey: CredentialId) => Promise<Payer>
}

const nothing = z.strictObject({})

/** `/api/recovery` of `shared/wire/payment-api.ts`: a code for the day a phone is lost, and that day. */
export function recoveryApi(acts: RecoveryApi): Hono<HttpEnvironment> {
  const { losses, nameRecovery, recoveries, signedIn, openSession } = acts

  async function recovered(payer: PayerId) {
    const held = await recoveries.heldOf(payer)
    if (held === null || held.recoveredAtMs === null) return null
    return { recoveredAtMs: held.recoveredAtMs, heldUntilMs: held.recoveredAtMs + recoveryHoldMs }
  }

  return new Hono<HttpEnvironment>()
    .get('/', async (context) => {
      const payer = await signedIn(context)
      return context.json({ codeMadeAtMs: await losses.codeMadeAtMs(payer), recovered: await recovered(payer) })
    })
    .post('/name/intent', async (context) => {
      const claim = await readJson(context.req.raw, recoverNameIntentRequest)
      return context.json({ intent: await nameRecovery.offer(claim) })
    })
    .post('/name', async (context) => {
      const { intent, response, ...claim } = await readJson(context.req.raw, recoverNameRequest)
      return context.json(await nameRecovery.begin(claim, { intent, response }))
    })
    .post('/name/standing', async (context) => {
      const { secret } = await readJson(context.req.raw, nameRecoveryRequest)
      return context.json(await nameRecovery.standing(secret))
    })
    .post('/undoing/intent', async (context) => {
      const { credentialId } = await readJson(context.req.raw, undoRecoveryIntentRequest)
      return context.json(await nameRecovery.offerUndoing(credentialId))
    })
    .post('/undoing', async (context) => {
      const signed = await readJson(context.req.raw, undoRecoveryRequest)
      return context.json(await openSession(context, await nameRecovery.undo(signed), signed.response.id))
    })
    .post('/code/intent', async (context) => {
      const payer = await signedIn(context)
      await readJson(context.req.raw, nothing)
      return context.json({ intent: losses.offerCode(payer) })
    })
    .post('/code', async (context) => {
      const payer = await signedIn(context)
      return context.json({
        code: await losses.makeCode(payer, await readJson(context.req.raw, makeRecoveryCodeRequest)),
      })
    })
    .post('/loss', async (context) => {
      const { username, code } = await readJson(context.req.raw, reportLossRequest)
      await losses.report(username, code)
      return context.json({})
    })
}
