import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CredentialId, PayerId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { base64urlText, sha256Text } from '../../shared/wire/intent-schema.ts'
import {
  addPasskeyIntentRequest,
  addPasskeyRequest,
  invitedPasskeyRequest,
  joiningRequest,
  type ListedPasskeys,
  nicknameRequest,
  removePasskeyRequest,
} from '../../shared/wire/payment-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { PasskeyChanges } from './change-passkey.ts'
import { keeperOf } from './identity/keepers.ts'
import type { PasskeyStore } from './identity/passkey-store.ts'
import type { PayerStore } from './identity/payer-store.ts'
import type { Inviter } from './invite.ts'

type Caller = { readonly payer: PayerId; readonly passkey: CredentialId }
type PasskeyApi = {
  readonly payers: PayerStore
  readonly passkeys: PasskeyStore
  readonly passkeyChanges: PasskeyChanges
  readonly invitations: Inviter
  /** Who is signed in, and by which passkey. @throws {Problem} `session-missing` */
  readonly signedInBy: (context: Context) => Promise<Caller>
}

const nothing = z.strictObject({})

/** `/api/passkeys` of `shared/wire/payment-api.ts`: what somebody who is signed in does with their passkeys. */
export function passkeyApi(acts: PasskeyApi): Hono<HttpEnvironment> {
  const { payers, passkeys, passkeyChanges, invitations, signedInBy } = acts

  async function list({ payer, passkey }: Caller): Promise<ListedPasskeys> {
    const kept = await passkeys.list(payer)
    return {
      userHandle: await payers.userHandleOf(payer),
      passkeys: kept.map(({ aaguid, isBackedUp, ...rest }) => ({
        ...rest,
        keeper: keeperOf(aaguid),
        isSynced: isBackedUp,
        isOfSession: rest.credentialId === passkey,
      })),
    }
  }

  /** Who asks, and for what; a change is answered by what there is then, also where it ended the caller's own session. */
  async function change<B extends z.ZodType>(
    context: Context,
    schema: B,
    act: (payer: PayerId, body: z.output<B>) => Promise<void>,
  ): Promise<Response> {
    const caller = await signedInBy(context)
    await act(caller.payer, await readJson(context.req.raw, schema))
    return context.json(await list(caller))
  }

  async function ask<B extends z.ZodType>(
    context: Context,
    schema: B,
    answer: (payer: PayerId, body: z.output<B>) => Promise<object>,
  ): Promise<Response> {
    const { payer } = await signedInBy(context)
    return context.json(await answer(payer, await readJson(context.req.raw, schema)))
  }

  return new Hono<HttpEnvironment>()
    .get('/', async (context) => context.json(await list(await signedInBy(context))))
    .post('/making/intent', (context) =>
      ask(context, nothing, async (payer) => ({ intent: await passkeyChanges.offerMaking(payer) })),
    )
    .post('/vouching/intent', (context) =>
      ask(context, addPasskeyIntentRequest, async (payer, { passkey }) => ({
        intent: passkeyChanges.offerVouching(payer, passkey),
      })),
    )
    .post('/', (context) =>
      change(context, addPasskeyRequest, (payer, { made, vouched }) => passkeyChanges.add(payer, made, vouched)),
    )
    .post('/invitation', (context) => ask(context, nothing, invitations.invite))
    .get('/invitation', async (context) => {
      const { payer } = await signedInBy(context)
      return context.json(await invitations.standing(payer))
    })
    .delete('/invitation', async (context) => {
      const { payer } = await signedInBy(context)
      await invitations.callOff(payer)
      return context.json({})
    })
    .post('/invitation/passkey', (context) => change(context, invitedPasskeyRequest, invitations.vouch))
    .post('/:thumbprint/nickname', (context) =>
      change(context, nicknameRequest, (payer, { nickname }) =>
        passkeyChanges.name(payer, thumbprintOf(context), nickname),
      ),
    )
    .post('/:thumbprint/removal/intent', (context) =>
      ask(context, nothing, async (payer) => ({
        intent: await passkeyChanges.offerRemoval(payer, thumbprintOf(context)),
      })),
    )
    .post('/:thumbprint/removal', (context) =>
      change(context, removePasskeyRequest, (payer, signed) =>
        passkeyChanges.remove(payer, thumbprintOf(context), signed),
      ),
    )
}

/** `/api/invitations`: what whoever was invited does. They are not signed in; the secret in the address is all they have. */
export function invitationApi(invitations: Inviter): Hono<HttpEnvironment> {
  return new Hono<HttpEnvironment>()
    .get('/:secret', async (context) => context.json(await invitations.look(secretOf(context))))
    .post('/:secret/intent', async (context) => {
      await readJson(context.req.raw, nothing)
      return context.json({ intent: await invitations.offerMaking(secretOf(context)) })
    })
    .post('/:secret/passkey', async (context) => {
      await invitations.join(secretOf(context), await readJson(context.req.raw, joiningRequest))
      return context.json({})
    })
}

/** @throws {Problem} `passkey-unknown`, also for what cannot be one */
function thumbprintOf(context: Context): string {
  const thumbprint = sha256Text.safeParse(context.req.param('thumbprint'))
  if (!thumbprint.success) throw new Problem('passkey-unknown')
  return thumbprint.data
}

/** @throws {Problem} `invitation-over` for what cannot be one */
function secretOf(context: Context): string {
  const secret = base64urlText(22).length(22).safeParse(context.req.param('secret'))
  if (!secret.success) throw new Problem('invitation-over')
  return secret.data
}
