import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { z } from 'zod'

/** A database that can be looked into and not be changed. */
export type Reader = {
  /** Whole numbers are numbers on both engines. */
  rows<S extends z.ZodType>(sql: string, row: S): Promise<z.output<S>[]>
  close(): Promise<void>
}

/** `bigint` comes out of PostgreSQL as text; ours hold safe integers only. */
export const minorColumn = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?[0-9]{1,15}$/)
    .transform(Number),
])

/** @param url as a room is given it */
export async function openReadOnly(url: string): Promise<Reader> {
  if (url.startsWith('sqlite:')) {
    const sqlite = new BetterSqlite3(url.slice('sqlite:'.length), { readonly: true, fileMustExist: true })
    return {
      rows: async (sql, row) => z.array(row).parse(sqlite.prepare(sql).all()),
      close: async () => void sqlite.close(),
    }
  }
  const client = new pg.Client({ connectionString: url, options: '-c default_transaction_read_only=on' })
  await client.connect()
  return {
    rows: async (sql, row) => z.array(row).parse((await client.query(sql)).rows),
    close: () => client.end(),
  }
}
