import type { Kysely } from 'kysely'
import { base64url } from '../../../shared/bytes.ts'
import { Problem } from '../../../shared/problem.ts'
import type { Clock, RandomBytes } from '../../runtime/room.ts'
import { hashOf, idleMsMax, lifetimeMsMax, noteEveryMs, tokenBytes } from '../identity/session.ts'
import type { PaymentTables } from '../schema.ts'
import { type Person, toPerson } from './people-store.ts'

/** Who is signed in at a merchant's console: by the rules of payers' sessions, and apart from them. A session ends with its person. */
export function consoleSessions(tools: { db: Kysely<PaymentTables>; clock: Clock; random: RandomBytes }) {
  const { db, clock, random } = tools
  return {
    /** @returns the token, to be kept by the browser alone */
    async open(person: Person): Promise<string> {
      const token = base64url(random(tokenBytes))
      const nowMs = clock.nowMs()
      await db
        .insertInto('merchant_session')
        .values({ token_hash: hashOf(token), person_id: person.id, created_at_ms: nowMs, used_at_ms: nowMs })
        .execute()
      return token
    },

    /** @throws {Problem} `session-missing`, also after 15 idle minutes or 12 hours */
    async personOf(token: string | undefined): Promise<Person> {
      if (token === undefined) throw new Problem('session-missing')
      const nowMs = clock.nowMs()
      const row = await db
        .selectFrom('merchant_session as session')
        .innerJoin('merchant_person as person', 'person.id', 'session.person_id')
        .innerJoin('merchant', 'merchant.id', 'person.merchant_id')
        .select(['person.id', 'person.role', 'merchant.id as merchant_id', 'merchant.name', 'merchant.origin'])
        .select(['session.token_hash', 'session.used_at_ms'])
        .where('session.token_hash', '=', hashOf(token))
        .where('session.used_at_ms', '>', nowMs - idleMsMax)
        .where('session.created_at_ms', '>', nowMs - lifetimeMsMax)
        .where('person.removed_at_ms', 'is', null)
        .executeTakeFirst()
      if (row === undefined) throw new Problem('session-missing')
      if (nowMs - row.used_at_ms >= noteEveryMs) {
        const noting = db.updateTable('merchant_session').set({ used_at_ms: nowMs })
        await noting.where('token_hash', '=', row.token_hash).execute()
      }
      return toPerson(row)
    },

    /** Signs out: the token opens nothing from now on. */
    async end(token: string | undefined): Promise<void> {
      if (token === undefined) return
      await db.deleteFrom('merchant_session').where('token_hash', '=', hashOf(token)).execute()
    },

    async forgetOld(): Promise<void> {
      const tooOld = clock.nowMs() - idleMsMax
      await db.deleteFrom('merchant_session').where('used_at_ms', '<=', tooOld).execute()
    },
  }
}
export type ConsoleSessions = ReturnType<typeof consoleSessions>
