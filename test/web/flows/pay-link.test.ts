import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identifier } from '../../../shared/identifiers.ts'
import { billIn } from '../../../web/flows/pay-link.ts'

const origin = 'https://pay.example'
const id = identifier('payment', new Uint8Array(16).fill(7))

describe('a pay link from elsewhere', () => {
  it.each([
    ['the address alone', `${origin}/pay/${id}`],
    ['with a query of ours', `${origin}/pay/${id}?from=shop`],
    ['in a message', `Dinner was lovely! Your half: ${origin}/pay/${id}. See you soon`],
    ['in a Chinese message', `这是您的账单：${origin}/pay/${id}。谢谢`],
    ['by our scheme, written large', `WEB+MONIKER:${id}`],
    ['in brackets', `(${origin}/pay/${id})`],
    ['after another link', `https://maps.example/pay/there ${origin}/pay/${id}`],
    ['by our scheme', `web+moniker:${id}`],
    ['by our scheme, with slashes', `web+moniker://${id}`],
  ])('is found: %s', (_, text) => {
    expect(billIn([text], origin)).toBe(id)
  })

  it('is found in whichever part an app shares it', () => {
    expect(billIn(['Bluebird Coffee', '', `${origin}/pay/${id}`], origin)).toBe(id)
  })

  it.each([
    ['nothing', ''],
    ['an id alone', id],
    ['the same on another origin', `https://pay.example.evil/pay/${id}`],
    ['another origin in front of ours', `https://evil.example/${origin}/pay/${id}`],
    ['ours as a user name', `https://pay.example@evil.example/pay/${id}`],
    ['another port', `https://pay.example:8443/pay/${id}`],
    ['without encryption', `http://pay.example/pay/${id}`],
    ['another page of ours', `${origin}/enrol`],
    ['what is no id', `${origin}/pay/pay_x`],
    ['an address in our scheme', 'web+moniker:https://evil.example/'],
    ['a path in our scheme', `web+moniker:${id}/../../enrol`],
  ])('is not seen in %s', (_, text) => {
    expect(billIn([text], origin)).toBeNull()
  })

  it('is one of ours or none, whatever is shared', () => {
    const pieces = fc.constantFrom(
      origin,
      '/pay/',
      id,
      'web+moniker:',
      'https://',
      '/',
      '@',
      '?',
      '#',
      ' ',
      '.',
      '%2f',
      'pay_',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }), (parts) => {
        expect([id, null]).toContain(billIn([parts.join('')], origin))
      }),
    )
  })
})
