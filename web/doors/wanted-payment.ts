/** The payment that a notification leads to, as in `/?payment=pay_…`: once, and the address forgets it. */
export function takeWantedPayment(): string | null {
  const wanted = new URLSearchParams(location.search).get('payment')
  if (wanted !== null) history.replaceState(null, '', location.pathname)
  return wanted
}
