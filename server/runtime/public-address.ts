import { BlockList, isIP } from 'node:net'

/**
 * What no request of ours may reach in another's name: everything that the IANA special-purpose registries (RFC 6890, as of 2025) do not call
 * globally reachable, multicast, and what tunnels into any of it.
 */
const notPublic = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's platform, which answers every machine of a tenant at a public address.
  ['168.63.129.16', 32],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6')
}

/** Of IPv6 only this much is given out to anybody (RFC 4291 §2.4): mapped, translated, local and link-local addresses all lie outside. */
const givenOut = new BlockList()
givenOut.addSubnet('2000::', 3, 'ipv6')

/** @param address an IP address as text; anything else is none */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4')
    case 6:
      return !address.includes('%') && givenOut.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
    default:
      return false
  }
}
