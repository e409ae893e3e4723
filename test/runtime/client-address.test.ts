import { describe, expect, it } from 'vitest'
import { clientAddress, isNetwork, trusting } from '../../server/runtime/client-address.ts'

describe('who is asking', () => {
  const proxies = trusting(['127.0.0.1', '10.0.0.0/8', '2001:db8:ffff::/48'])
  const stranger = '198.51.100.7'

  it.each([
    ['a stranger, whatever is written', stranger, '192.0.2.1', stranger],
    ['whom our proxy names', '127.0.0.1', '192.0.2.1', '192.0.2.1'],
    [
      'whom our proxy was asked by, not whom that one names',
      '127.0.0.1',
      '10.9.9.9, 192.0.2.9, 192.0.2.1',
      '192.0.2.1',
    ],
    [
      'whom the outermost of our proxies names',
      '127.0.0.1',
      '203.0.113.9,192.0.2.1, 2001:db8:ffff::5, 10.1.2.3',
      '192.0.2.1',
    ],
    ['whom our proxy names with a port', '10.1.2.3', '192.0.2.1:4711', '192.0.2.1'],
    ['whom our proxy names with brackets', '10.1.2.3', '[2001:db8::1]:4711', '2001:db8::1'],
    ['whom our proxy names over an IPv6 socket', '::ffff:10.1.2.3', '::ffff:192.0.2.1', '192.0.2.1'],
    ['our proxy, where it names nobody', '10.1.2.3', null, '10.1.2.3'],
    ['our proxy, where what it names is no address', '10.1.2.3', '192.0.2.1, unknown', '10.1.2.3'],
    ['our proxy, where it was asked by another of ours', '10.1.2.3', '10.4.5.6', '10.4.5.6'],
  ])('is %s', (_who, connection, forwardedFor, expected) => {
    expect(clientAddress(connection, forwardedFor, proxies)).toBe(expected)
  })

  it('is never a header’s word where no proxy is trusted', () => {
    expect(clientAddress('127.0.0.1', '192.0.2.1', trusting([]))).toBe('127.0.0.1')
  })
})

it('knows addresses and CIDR blocks', () => {
  const known = ['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/128']
  const unknown = [
    '',
    'proxy',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '::/129',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '10.0/8',
  ]
  expect([...known, ...unknown].filter(isNetwork)).toEqual(known)
})
