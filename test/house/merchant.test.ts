import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../../server/house.ts'
import { merchant as doAsAsked } from '../../server/merchant.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'
import type { Http } from '../support/http.ts'
import { eur, softwareMerchant } from '../support/merchant.ts'
import { type Directory, environmentIn, makeDirectory } from './rooms-process.ts'

const script = fileURLToPath(new URL('../../server/merchant.ts', import.meta.url))
/** Where names under `localhost` do not resolve, their address does. */
const http: Http = (request) => {
  const url = new URL(request.url)
  url.hostname = '127.0.0.1'
  return fetch(new Request(url, request))
}

describe('npm run merchant', { timeout: 60_000 }, () => {
  let directory: Directory
  let house: House
  beforeAll(async () => {
    directory = await makeDirectory()
    house = await openHouse(environmentIn(directory))
  })
  afterAll(async () => {
    await house.end()
    await directory.remove()
  })

  const environment = () => ({ DATA_DIRECTORY: directory.data, PAYMENT_ORIGIN: house.addresses.payment })
  /** What the command does, but for the process around it. */
  async function merchant(...words: string[]) {
    try {
      return { code: 0, said: await doAsAsked(words, environment()), complained: '' }
    } catch (error) {
      if (!(error instanceof StartupError)) throw error
      return { code: 2, said: '', complained: error.message }
    }
  }
  function merchantProcess(...words: string[]) {
    const env = { PATH: process.env.PATH, ...environment() }
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string; complained: string }>()
    execFile(process.execPath, [script, ...words], { env }, (error, said, complained) =>
      resolve({ code: error?.code ?? 0, said, complained }),
    )
    return promise
  }
  const shopWith = (apiKey: string) =>
    softwareMerchant({ http, origin: house.addresses.payment, apiKey, shopOrigin: 'https://tea.example' })
  const found = (pattern: RegExp, text: string): string => pattern.exec(text)?.[0] ?? ''

  it('makes a merchant with a key that works at once, and more keys, and revokes them', async () => {
    const { code, said } = await merchant('create', 'Bluebird Tea', 'https://tea.example')
    expect(code).toBe(0)
    const [id, first] = [found(/merchant_\S+/, said), found(/mk_test_\S+/, said)]
    expect(await shopWith(first).creates(eur(2_40))).toMatchObject({ ok: true, value: { mode: 'test' } })

    const made = await merchant('key', 'create', id, '--scope', 'read', '--mode', 'live', '--name', 'Office')
    const [key, second] = [found(/key_\S+/, made.said), found(/mk_live_\S+/, made.said)]
    expect(await shopWith(second).creates(eur(1))).toMatchObject({ problem: { code: 'api-key-scope-missing' } })
    const listed = await merchant('key', 'list', id)
    expect(listed.said).toContain(`…${second.slice(-4)}`)
    expect(listed.said).not.toContain(second)

    expect((await merchant('key', 'revoke', key)).said).toBe(`${key} is revoked.\n`)
    expect(await shopWith(second).creates(eur(1))).toMatchObject({ problem: { code: 'api-key-refused' } })
    expect(await merchant('key', 'revoke', key)).toMatchObject({ code: 2, said: '' })

    expect((await merchant('rename', id, 'Bluebird Tea House')).code).toBe(0)
    expect((await merchant('list')).said).toMatch(/Bluebird Coffee[\s\S]*Bluebird Tea House/)
    expect((await merchant('show', id)).said).toMatch(/Bluebird Tea House[\s\S]*revoked/)
  })

  it('says where a merchant hears of its payments, and by which keys, and changes both', async () => {
    const [id = ''] = /merchant_\S+/.exec((await merchant('create', 'Reed', 'https://reed.example')).said) ?? []
    const { said } = await merchant('webhook', 'create', id, 'https://hooks.reed.example/moniker')
    const webhook = found(/webhook_\S+/, said)
    const secret = found(/whsec_\S+/, said)
    expect(said).toMatch(/whpk_\S+/)

    const listed = await merchant('webhook', 'list', id)
    expect(listed.said).toContain(`${webhook}  test  enabled  https://hooks.reed.example/moniker`)
    expect(listed.said).not.toContain(secret)

    expect((await merchant('webhook', 'disable', webhook)).said).toBe(`${webhook} is disabled.\n`)
    expect((await merchant('webhook', 'list', id)).said).toContain('disabled')
    expect((await merchant('webhook', 'enable', webhook)).said).toBe(`${webhook} is enabled.\n`)

    const rotated = found(/whsec_\S+/, (await merchant('webhook', 'rotate', webhook)).said)
    expect(rotated).not.toBe(secret)
    const again = await merchant('webhook', 'create', id, 'https://hooks.reed.example/moniker')
    expect(found(/webhook_\S+/, again.said)).toBe(webhook)
    expect(found(/whsec_\S+/, again.said)).toBe(rotated)
  })

  it('lets people into the console by a link, lists them, and removes them', async () => {
    const [id = ''] = /merchant_\S+/.exec((await merchant('create', 'Wren', 'https://wren.example')).said) ?? []
    const { said } = await merchant('invite', id, '--role', 'staff', '--name', 'Grace, till')
    expect(said).toContain(`${house.addresses.payment}/console/join#`)
    const listed = (await merchant('person', 'list', id)).said
    expect(listed).toMatch(/person_\S+ {2}staff {2,}invited until .* UTC {2}.*Grace, till/)
    expect(listed).not.toContain(found(/#\S+/, said).slice(1))
    const person = found(/person_\S+/, listed)
    expect((await merchant('person', 'remove', person)).said).toBe(`${person} is removed, and signed out everywhere.\n`)
    expect((await merchant('person', 'list', id)).said).not.toContain(person)
    expect(await merchant('person', 'remove', person)).toMatchObject({ code: 2, said: '' })
    expect(await merchant('invite', id, '--name', ' ')).toMatchObject({ code: 2, said: '' })
    expect(await merchant('invite', id, '--role', 'king')).toMatchObject({ code: 2, said: '' })
  })

  it.each([
    ['https://169.254.169.254/latest', 'leads to a public address'],
    ['ftp://hooks.reed.example', 'is https'],
  ])('calls no %s', async (url, why) => {
    const [id = ''] = /merchant_\S+/.exec((await merchant('list')).said) ?? []
    const { code, complained } = await merchant('webhook', 'create', id, url)
    expect(code).toBe(2)
    expect(complained).toContain(why)
  })

  it('is a program that prints what was done, or says what is wrong and ends with 2', async () => {
    const done = await merchantProcess('create', 'Sparrow', 'https://sparrow.example')
    expect(done).toMatchObject({ code: 0, said: expect.stringMatching(/mk_test_\S+/), complained: '' })
    const refused = await merchantProcess('create', 'Sparrow', 'https://sparrow.example')
    expect(refused).toMatchObject({ code: 2, said: '', complained: expect.stringContaining('another merchant') })
    expect(refused.complained).not.toMatch(/^\s+at /m)
  })

  it.each([
    ['nothing', []],
    ['a word that it does not know', ['constructor']],
    ['too few words', ['create', 'Bluebird Tea']],
    ['an option that it does not know', ['list', '--all']],
    ['a name that would mislead', ['create', 'Blue\u202ebird', 'https://blue.example']],
    ['an address that is no origin', ['create', 'Blue Bird', 'https://blue.example/shop']],
    ['an origin that is taken', ['create', 'Blue Bird', 'https://taken.example']],
    ['a merchant that there is not', ['show', 'merchant_nobody']],
    ['a webhook that there is not', ['webhook', 'disable', 'webhook_nobody']],
    ['half of what webhooks are asked', ['webhook']],
    ['a scope that there is not', ['key', 'create', 'merchant_nobody', '--scope', 'everything']],
  ])('given %s, says what is wrong, and changes nothing', async (_what, words) => {
    if (words.includes('https://taken.example')) await merchant('create', 'Taken', 'https://taken.example')
    const before = (await merchant('list')).said
    const { code, said, complained } = await merchant(...words)
    expect({ code, said }).toEqual({ code: 2, said: '' })
    expect(complained).not.toBe('')
    expect((await merchant('list')).said).toBe(before)
  })
})
