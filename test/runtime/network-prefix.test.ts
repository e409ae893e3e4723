import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkPrefix } from '../../server/runtime/network-prefix.ts'

describe('the network of an address', () => {
  it.each([
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:DB8:0:0:5::', '2001:db8:0:0'],
    ['2001:0db8:0001:2::ffff', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['a::b:c:d:e:192.0.2.1', 'a:0:b:c'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['in-process', 'in-process'],
  ])('of %s is %s', (address, network) => {
    expect(networkPrefix(address)).toBe(network)
  })

  it('is the same however the zeros of an address are written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 0xabc), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16).padStart(4, '0')).join(':')
        const compressed = new URL(`http://[${full}]`).hostname.slice(1, -1)
        const expected = groups.slice(0, 4).map((group) => group.toString(16))
        expect([networkPrefix(full), networkPrefix(compressed)]).toEqual([expected.join(':'), expected.join(':')])
      }),
    )
  })
})
