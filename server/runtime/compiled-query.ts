import type { Compilable, CompiledQuery, Kysely } from 'kysely'

/** Where a value goes in a query that is compiled before there is one. */
class Place {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

type Value = string | number | null
type Asked = { executeQuery<Row>(query: CompiledQuery<Row>): Promise<{ readonly rows: Row[] }> }

/**
 * A question that is asked over and over: composed and compiled at its first use, and from then on only asked. Composing is a good part of
 * what a short question costs.
 * @param compose puts each place it is handed into the query as it is, once or more often, and computes nothing from it
 * @returns asks with these values, and answers with every row
 */
export function compiledQuery<Tables, Values extends readonly Value[], Row>(
  db: Kysely<Tables>,
  compose: (...places: Values) => Compilable<Row>,
): (...values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | null = null
  return async (...values) => {
    compiled ??= compileOnce(compose, values.length)
    return ask(db, compiled, values)
  }
}

/**
 * The same for what is asked within transactions, each of them another one. What is compiled serves every database of its engine.
 * @returns asks in this transaction with these values
 */
export function compiledWithin<Tables, Values extends readonly Value[], Row>(
  compose: (transaction: Kysely<Tables>, ...places: Values) => Compilable<Row>,
): (transaction: Kysely<Tables>, ...values: Values) => Promise<Row[]> {
  const byEngine = new Map<unknown, CompiledQuery<Row>>()
  return async (transaction, ...values) => {
    const engine = transaction.getExecutor().adapter.constructor
    const compiled =
      byEngine.get(engine) ?? compileOnce((...places: Values) => compose(transaction, ...places), values.length)
    byEngine.set(engine, compiled)
    return ask(transaction, compiled, values)
  }
}

function compileOnce<Values extends readonly Value[], Row>(
  compose: (...places: Values) => Compilable<Row>,
  count: number,
): CompiledQuery<Row> {
  const places = Array.from({ length: count }, (_, index) => new Place(index))
  // The one place where a Place passes for a value: Kysely hands parameters through without a look.
  const query = compose(...(places as never)).compile()
  const missing = places.filter((place) => !query.parameters.includes(place))
  if (missing.length > 0) throw new Error(`a compiled query computes with its places: ${query.sql}`)
  return query
}

async function ask<Row>(db: Asked, compiled: CompiledQuery<Row>, values: readonly Value[]): Promise<Row[]> {
  const parameters = compiled.parameters.map((it) => (it instanceof Place ? values[it.index] : it))
  const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
  return rows
}
