import { type Kysely, sql } from 'kysely'

/** A column whose every text is closed at rest, and what the context of each is made of: whoever adds one tells what rotates keys. */
export type ClosedColumn<Tables> = {
  [Table in keyof Tables & string]: {
    readonly table: Table
    readonly column: keyof Tables[Table] & string
    /** The columns that name a row. */
    readonly key: readonly [keyof Tables[Table] & string, ...(keyof Tables[Table] & string)[]]
    /** What the text is for, and the columns whose values follow. */
    readonly context: readonly [use: string, ...columns: (keyof Tables[Table] & string)[]]
  }
}[keyof Tables & string]

/** A text as it was read. */
export type ClosedText = {
  /** Of its row. */
  readonly key: readonly (string | number)[]
  readonly context: readonly string[]
  readonly closed: string
}

type Page = { readonly after: ClosedText | null; readonly limit: number }

/** Reads a column through, and changes what has not changed meanwhile. */
export function closedColumnStore<Tables>(db: Kysely<Tables>, names: ClosedColumn<Tables>) {
  const table = sql.table(names.table)
  const column = sql.ref(names.column)
  const key = names.key.map((name) => sql.ref(name))
  const [use, ...about] = names.context
  const context = about.map((name) => sql.ref(name))
  const named = [
    ...key.map((ref, index) => [ref, `key_${index}`] as const),
    ...context.map((ref, index) => [ref, `about_${index}`] as const),
  ]
  const selected = sql.join(named.map(([ref, alias]) => sql`${ref} as ${sql.ref(alias)}`))

  /** @param keyId of the key that closes now */
  const isClosedByAnother = (keyId: string) => {
    const prefix = prefixOf(keyId)
    return sql<boolean>`substr(${column}, 1, ${sql.lit(prefix.length)}) <> ${prefix}`
  }
  const isAfter = (text: ClosedText | null) =>
    text === null ? sql`1 = 1` : sql`(${sql.join(key)}) > (${sql.join(text.key)})`

  const toText = (row: Record<string, string | number>): ClosedText => ({
    key: key.map((_, index) => row[`key_${index}`] ?? ''),
    context: [use, ...context.map((_, index) => `${row[`about_${index}`]}`)],
    closed: `${row.closed}`,
  })

  async function page(where: ReturnType<typeof isClosedByAnother>, { after, limit }: Page): Promise<ClosedText[]> {
    const { rows } = await sql<Record<string, string | number>>`
      select ${selected}, ${column} as closed from ${table}
      where ${column} is not null and ${where} and ${isAfter(after)}
      order by ${sql.join(key)} limit ${limit}`.execute(db)
    return rows.map(toText)
  }

  return {
    async count(): Promise<number> {
      const counted = await sql<{ count: number }>`select count(${column}) as count from ${table}`.execute(db)
      return counted.rows[0]?.count ?? 0
    },

    async countClosedByOthers(keyId: string): Promise<number> {
      const counted = await sql<{ count: number }>`
        select count(${column}) as count from ${table} where ${isClosedByAnother(keyId)}`.execute(db)
      return counted.rows[0]?.count ?? 0
    },

    every: (where: Page): Promise<ClosedText[]> => page(sql<boolean>`1 = 1`, where),
    closedByOthers: (keyId: string, where: Page): Promise<ClosedText[]> => page(isClosedByAnother(keyId), where),

    /** @returns false where somebody else changed it, or took it away: theirs stays */
    async replace({ key: values, closed }: ClosedText, by: string): Promise<boolean> {
      const { numAffectedRows } = await sql`
        update ${table} set ${column} = ${by}
        where (${sql.join(key)}) = (${sql.join(values)}) and ${column} = ${closed}`.execute(db)
      return numAffectedRows === 1n
    },
  }
}
export type ClosedColumnStore = ReturnType<typeof closedColumnStore>

/** What `at-rest.ts` writes before the text itself. */
const prefixOf = (keyId: string): string => `${keyId}.`
