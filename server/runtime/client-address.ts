import { BlockList, isIP, isIPv6 } from 'node:net'
import { withoutMapping } from './network-prefix.ts'

/** Whether an address is one of our own proxies, whose word about who is asking counts. */
export type IsTrusted = (address: string) => boolean

/**
 * @param proxies addresses and CIDR blocks (RFC 4632 §3.1, RFC 4291 §2.3), each one {@link isNetwork} knows; none: nobody is trusted
 */
export function trusting(proxies: readonly string[]): IsTrusted {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', length] = proxy.split('/')
    const family = familyOf(address)
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return (address) => list.check(address, familyOf(address))
}

/** Whether a text is an IP address or a CIDR block of them. */
export function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return false
  const lengthMax = isIPv6(address) ? 128 : 32
  return length === undefined || (/^(0|[1-9][0-9]{0,2})$/.test(length) && Number(length) <= lengthMax)
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/**
 * Who is asking. Anybody may write `X-Forwarded-For`, and each proxy appends whom it was asked by: so it is read from the right, one
 * entry for each proxy that is ours, and what stands left of the first stranger is that stranger's word.
 * @param connection the address at the other end of the connection
 * @param forwardedFor the value of `X-Forwarded-For`, or null
 * @returns the address nearest to us that is none of our proxies; the last proxy's where it names nobody
 */
export function clientAddress(
  connection: string | undefined,
  forwardedFor: string | null,
  isTrusted: IsTrusted,
): string | undefined {
  let client = connection === undefined ? undefined : withoutMapping(connection)
  const entries = forwardedFor?.split(',') ?? []
  while (client !== undefined && isTrusted(client)) {
    const named = addressIn(entries.pop() ?? '')
    if (isIP(named) === 0) break
    client = named
  }
  return client
}

/** Some proxies write a port along: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const addressIn = (entry: string): string =>
  withoutMapping(entry.trim().replace(/^\[(.*)\](:[0-9]+)?$|^([0-9.]+):[0-9]+$/, '$1$3'))
