import { describe, expect, it } from 'vitest'
import { wordsIn } from './words-in.ts'

const code = '7391'
const json = JSON.stringify({ card: { code } })
const base64url = (text: string) => Buffer.from(text).toString('base64url')

describe('a short secret', () => {
  it.each<[string, unknown]>([
    ['by itself', code],
    ['as a number', 7391],
    ['among words', `the code is ${code}, they said`],
    ['behind separators', `amex-${code}_x`],
    ['in an object', { a: [{ b: code }] }],
    ['as a name', { [code]: true }],
    ['in JSON', json],
    ['in JSON in JSON', JSON.stringify({ body: json })],
    ['in base64url', base64url(json)],
    ['alone in base64url', base64url(code)],
    ['in base64', Buffer.from(`{"code":"${code}"}`).toString('base64')],
    ['in hex', Buffer.from(code).toString('hex')],
    ['in the payload of a signed message', `${base64url('{}')}.${base64url(json)}.AAAA`],
    ['in a query', `/pay?card=%7B%22code%22%3A%22${code}%22%7D`],
    ['in bytes', Buffer.from(json)],
  ])('is found %s', (_where, value) => {
    expect([...wordsIn(value)]).toContain(code)
  })

  it.each<[string, unknown]>([
    ['another number', 17391],
    ['an identifier', `pay_A${code}bcdefghijklmnopqA`],
    ['a time', 1739173917391],
  ])('is not %s', (_what, value) => {
    expect([...wordsIn(value)]).not.toContain(code)
  })
})
