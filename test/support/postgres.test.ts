import { Client } from 'pg'
import { expect, it } from 'vitest'
import { freshPostgresUrl } from './postgres.ts'

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

it('hands out databases that know nothing of each other', async () => {
  const [first, second] = await Promise.all([freshPostgresUrl(), freshPostgresUrl()])
  await ask(first, 'create table coin (id integer)')
  expect(await ask(first, `select to_regclass('coin')::text`)).toEqual(['coin'])
  expect(await ask(second, `select to_regclass('coin')::text`)).toEqual([null])
})

it('keeps the promises of a real server: a commit is on the disk when it is answered', async () => {
  const url = await freshPostgresUrl()
  expect(await ask(url, 'show fsync')).toEqual(['on'])
  expect(await ask(url, 'show synchronous_commit')).toEqual(['on'])
  expect(await ask(url, 'show full_page_writes')).toEqual(['on'])
})
