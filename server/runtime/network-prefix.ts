import { isIPv6 } from 'node:net'

/** An IPv4 address that came in over an IPv6 socket is the IPv4 address (RFC 4291 §2.5.5.2). */
export const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=[0-9.]+$)/i, '')

/** Coarse enough to be nobody: the IPv4 address, or the IPv6 /64 that one customer has, as four groups. */
export function networkPrefix(address: string): string {
  const plain = withoutMapping(address)
  if (!isIPv6(plain)) return plain
  const [withoutZone = ''] = plain.split('%')
  // The URL parser writes every IPv6 address in one way, and the last 32 bits in hexadecimal too (URL Standard §3.5).
  const [head = '', tail] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split('::')
  const groupsOf = (part: string) => part.split(':').filter((group) => group !== '')
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
