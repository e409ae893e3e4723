/** What a payer has typed at the shop already, as in `/pay/pay_…#name=Ada`: once, and the address forgets it. No server hears of it. */
export function takeTypedName(): string {
  const typed = new URLSearchParams(location.hash.slice(1)).get('name')
  if (typed !== null) history.replaceState(null, '', location.pathname + location.search)
  return typed ?? ''
}
