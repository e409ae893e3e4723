import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../server/runtime/read-body.ts'
import { Problem } from '../../shared/problem.ts'

const schema = z.strictObject({ name: z.string() })
const post = (body: BodyInit, type = 'application/json', declared: Record<string, string> = {}) =>
  new Request('http://room.example/', { method: 'POST', headers: { 'content-type': type, ...declared }, body })
const declaring = (bytes: number, body: string) => post(body, 'application/json', { 'content-length': String(bytes) })
const longJson = JSON.stringify({ name: 'a'.repeat(65_536) })
const codeOf = (request: Request) =>
  readJson(request, schema).then(
    () => 'read',
    (error: unknown) => (error instanceof Problem ? error.code : error),
  )

describe('a JSON body', () => {
  it('is read into what the schema makes of it', async () => {
    expect(await readJson(post('{"name":"王小明"}'), schema)).toEqual({ name: '王小明' })
    expect(await readJson(declaring(20, '{"name":"王小明"}'), schema)).toEqual({ name: '王小明' })
  })

  it.each([
    ['another content type', post('{"name":"a"}', 'text/plain'), 'content-type-unsupported'],
    ['no JSON', post('{"name":'), 'body-malformed'],
    ['nothing', post(''), 'body-malformed'],
    ['bytes that are not UTF-8', post(new Uint8Array([0x22, 0xff, 0x22])), 'body-malformed'],
    ['NUL', post('{"name":"a\\u0000b"}'), 'body-malformed'],
    ['half a surrogate pair', post('{"name":"\\ud800"}'), 'body-malformed'],
    ['a member nobody asked for', post('{"name":"a","admin":true}'), 'body-malformed'],
    ['a member named twice', post('{"name":"a","name":"b"}'), 'body-malformed'],
    ['nesting without end', post(`${'['.repeat(5000)}${']'.repeat(5000)}`), 'body-malformed'],
    ['more than 64 KiB', post(longJson), 'body-too-large'],
    ['more than 64 KiB, declared', declaring(longJson.length, longJson), 'body-too-large'],
    ['more than 64 KiB, declared to be less', declaring(2, longJson), 'body-too-large'],
  ])('with %s is refused as what it is', async (_what, request, code) => {
    expect(await codeOf(request)).toBe(code)
  })

  it('is never anything but read or a problem, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(['read', 'body-malformed']).toContain(await codeOf(post(new Uint8Array(bytes))))
      }),
    )
  })

  it('names the member that does not fit and never its value', async () => {
    const refusal = await readJson(post('{"name":4111111111111111}'), schema).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ detail: 'name: invalid type' })
  })
})
