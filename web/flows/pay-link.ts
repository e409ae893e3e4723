import { identifierPattern } from '../../shared/identifiers.ts'
import { routeOf } from '../route.ts'

/**
 * The bill in what somebody shared, pasted or tapped on: the address of one of ours, anywhere in a text, or `web+moniker:pay_…`.
 * Any app may claim that scheme, and any page may use it: what it opens is a bill, and a bill alone takes no money.
 * @param origin of this wallet: bills of another payment server are none of ours, whatever they look like
 * @returns the payment's id, or null where there is none
 */
export function billIn(texts: readonly string[], origin: string): string | null {
  // Of printable ASCII, as addresses are: what a Chinese sentence goes on with right behind it is none of it.
  const links = texts.flatMap((text) => text.match(/(https?:\/\/|web\+moniker:)[!#-&(-;=?-~]+/gi) ?? [])
  for (const link of links) {
    // A sentence that ends with an address leaves its last mark in it.
    const payment = paymentOf(link.replace(/[.,;:!?)\]}]+$/, ''), origin)
    if (payment !== null && identifierPattern('payment').test(payment)) return payment
  }
  return null
}

function paymentOf(link: string, origin: string): string | null {
  const [, ours] = /^web\+moniker:(?:\/\/)?(.*)$/i.exec(link) ?? []
  if (ours !== undefined) return ours
  const url = URL.parse(link)
  if (url === null) return null
  const route = routeOf(url.pathname)
  return url.origin === origin && route.screen === 'pay' ? route.payment : null
}
