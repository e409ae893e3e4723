import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { CardId, PayerId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import { cardIdSchema } from '../../shared/wire/intent-schema.ts'
import {
  addCardIntentRequest,
  addCardRequest,
  nicknameRequest,
  type Payer,
  removeCardRequest,
  setLimitIntentRequest,
  setLimitRequest,
  unfreezeCardRequest,
} from '../../shared/wire/payment-api.ts'
import type { HttpEnvironment } from '../runtime/http.ts'
import { readJson } from '../runtime/read-body.ts'
import type { AddCard } from './add-card.ts'
import type { CardChanges } from './retrieval/change-card.ts'
import type { LimitChanges } from './retrieval/change-limits.ts'

type CardApi = {
  readonly addCard: AddCard
  readonly cardChanges: CardChanges
  readonly limitChanges: LimitChanges
  /** @throws {Problem} `session-missing` */
  readonly signedIn: (context: Context) => Promise<PayerId>
  readonly toPayer: (payer: PayerId) => Promise<Payer>
}

const nothing = z.strictObject({})

/** `/api/cards` of `shared/wire/payment-api.ts`: what somebody who is signed in does with their cards. */
export function cardApi({ addCard, cardChanges, limitChanges, signedIn, toPayer }: CardApi): Hono<HttpEnvironment> {
  /** Who asks, for what, about which card: the same for every act. */
  async function act<B extends z.ZodType>(
    context: Context,
    schema: B,
    change: (payer: PayerId, card: CardId, body: z.output<B>) => Promise<void>,
  ): Promise<Response> {
    const payer = await signedIn(context)
    const body = await readJson(context.req.raw, schema)
    await change(payer, cardOf(context), body)
    return context.json(await toPayer(payer))
  }

  return new Hono<HttpEnvironment>()
    .post('/intent', async (context) => {
      const payer = await signedIn(context)
      const { seal } = await readJson(context.req.raw, addCardIntentRequest)
      return context.json({ intent: addCard.offer(payer, seal) })
    })
    .post('/', async (context) => {
      const payer = await signedIn(context)
      await addCard.add(payer, await readJson(context.req.raw, addCardRequest))
      return context.json(await toPayer(payer))
    })
    .post('/:id/preference', (context) => act(context, nothing, cardChanges.prefer))
    .post('/:id/nickname', (context) =>
      act(context, nicknameRequest, (payer, card, { nickname }) => cardChanges.name(payer, card, nickname)),
    )
    .post('/:id/standing', (context) => act(context, nothing, cardChanges.askStanding))
    .post('/:id/freeze', (context) => act(context, nothing, cardChanges.freeze))
    .post('/:id/unfreeze/intent', async (context) => {
      const payer = await signedIn(context)
      await readJson(context.req.raw, nothing)
      return context.json({ intent: await cardChanges.offerUnfreeze(payer, cardOf(context)) })
    })
    .post('/:id/unfreeze', (context) => act(context, unfreezeCardRequest, cardChanges.unfreeze))
    .get('/:id/limits', async (context) => {
      const payer = await signedIn(context)
      return context.json(await limitChanges.standingOf(payer, cardOf(context)))
    })
    .post('/:id/limits/intent', async (context) => {
      const payer = await signedIn(context)
      const { limits, isSecond } = await readJson(context.req.raw, setLimitIntentRequest)
      return context.json({ intent: await limitChanges.offer(payer, cardOf(context), limits, isSecond) })
    })
    .post('/:id/limits', async (context) => {
      const payer = await signedIn(context)
      const signed = await readJson(context.req.raw, setLimitRequest)
      return context.json(await limitChanges.set(payer, cardOf(context), signed))
    })
    .post('/:id/removal/intent', async (context) => {
      const payer = await signedIn(context)
      await readJson(context.req.raw, nothing)
      return context.json({ intent: await cardChanges.offerRemoval(payer, cardOf(context)) })
    })
    .post('/:id/removal', (context) => act(context, removeCardRequest, cardChanges.remove))
}

/** @throws {Problem} `card-unknown`, also for what cannot be an id */
function cardOf(context: Context): CardId {
  const id = cardIdSchema.safeParse(context.req.param('id'))
  if (!id.success) throw new Problem('card-unknown')
  return id.data
}
