import { createHash } from 'node:crypto'
import type { MerchantId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import type { Database } from '../runtime/database.ts'
import type { Clock } from '../runtime/room.ts'
import type { PaymentTables } from './schema.ts'

type StoredAnswer = { readonly status: 200 | 201; readonly body: string }
/** 202: what was asked for is under way. */
type GivenAnswer = StoredAnswer | { readonly status: 202; readonly body: string }
/** `body` is what was asked, in one spelling. */
type KeyedRequest = {
  readonly merchant: MerchantId
  readonly route: string
  readonly key: string
  readonly body: string
}

/** A request that runs longer was killed. It is then done anew: at worst, a bill that nobody was told of expires. */
const runsAtMostMs = 60_000
const keptMs = 7 * 24 * 60 * 60_000

/**
 * A merchant's request that was sent again is done once and answered alike (IETF draft-ietf-httpapi-idempotency-key-header). A
 * request that was refused has changed nothing, so its key is free again. What must not happen twice even if this process is killed in
 * the middle of it (a capture, a refund) is named by its key where it is written down.
 */
export function idempotency({ db }: Database<PaymentTables>, clock: Clock) {
  const rowOf = ({ merchant, route, key }: KeyedRequest) => ({ merchant_id: merchant, route, key })

  /** @returns whether this request is the first; then it is the one to be done */
  async function claim(request: KeyedRequest, bodyHash: string): Promise<boolean> {
    const nowMs = clock.nowMs()
    const row = { ...rowOf(request), body_hash: bodyHash, answer_status: null, answer_body: null, started_at_ms: nowMs }
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('idempotency')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['merchant_id', 'route', 'key'])
          .doUpdateSet({ started_at_ms: nowMs })
          .where('idempotency.answer_status', 'is', null)
          .where('idempotency.body_hash', '=', bodyHash)
          .where('idempotency.started_at_ms', '<', nowMs - runsAtMostMs),
      )
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  }

  async function earlierAnswer(request: KeyedRequest, bodyHash: string): Promise<StoredAnswer> {
    const { merchant_id, route, key } = rowOf(request)
    const row = await db
      .selectFrom('idempotency')
      .select(['body_hash', 'answer_status', 'answer_body'])
      .where('merchant_id', '=', merchant_id)
      .where('route', '=', route)
      .where('key', '=', key)
      .executeTakeFirst()
    if (row !== undefined && row.body_hash !== bodyHash) throw new Problem('idempotency-key-reused')
    if (row === undefined || row.answer_status === null || row.answer_body === null) {
      throw new Problem('idempotency-key-in-use')
    }
    return { status: row.answer_status === 201 ? 201 : 200, body: row.answer_body }
  }

  const keep = ({ merchant, route, key }: KeyedRequest, answer: StoredAnswer) =>
    db
      .updateTable('idempotency')
      .set({ answer_status: answer.status, answer_body: answer.body })
      .where('merchant_id', '=', merchant)
      .where('route', '=', route)
      .where('key', '=', key)
      .execute()

  /** The same request may come again at once, as if the first one had been killed. Another body still may not. */
  const leaveOpen = ({ merchant, route, key }: KeyedRequest) =>
    db
      .updateTable('idempotency')
      .set({ started_at_ms: clock.nowMs() - runsAtMostMs - 1 })
      .where('merchant_id', '=', merchant)
      .where('route', '=', route)
      .where('key', '=', key)
      .where('answer_status', 'is', null)
      .execute()

  const release = ({ merchant, route, key }: KeyedRequest) =>
    db
      .deleteFrom('idempotency')
      .where('merchant_id', '=', merchant)
      .where('route', '=', route)
      .where('key', '=', key)
      .where('answer_status', 'is', null)
      .execute()

  return {
    /** @throws {Problem} `idempotency-key-in-use`, `idempotency-key-reused`, and what `work` throws */
    async once(request: KeyedRequest, work: () => Promise<GivenAnswer>): Promise<GivenAnswer> {
      const bodyHash = createHash('sha256').update(request.body).digest('base64url')
      if (!(await claim(request, bodyHash))) return earlierAnswer(request, bodyHash)
      try {
        const answer = await work()
        // What is under way will be over: whoever asks again is told how far it is then, and not how far it was.
        await (answer.status === 202 ? leaveOpen(request) : keep(request, answer))
        return answer
      } catch (error) {
        await release(request)
        throw error
      }
    },

    async forgetOld(): Promise<void> {
      await db
        .deleteFrom('idempotency')
        .where('started_at_ms', '<', clock.nowMs() - keptMs)
        .execute()
    },
  }
}
export type Idempotency = ReturnType<typeof idempotency>
