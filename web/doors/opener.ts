/** A shop that hears nothing within this time is not there any more. */
const hearsWithinMs = 1_000

/**
 * Back to the shop. Where its page opened this one as a window of its own (`web/button/`), it is told, and only if it is still on the origin
 * that the bill is for; then this window is over. Otherwise, and where nobody hears, this page itself goes there.
 * @param url on the shop's own origin
 */
export function goBack(view: Window, url: string): void {
  const { protocol, origin } = new URL(url)
  if (!/^https?:$/.test(protocol)) return // only a web page can be gone back to: never `javascript:` or `data:`
  const opener: Window | null = new URLSearchParams(view.location.search).has('popup') ? view.opener : null
  const go = () => view.location.assign(url)
  if (opener === null) {
    go()
    return
  }
  const { port1: heard, port2 } = new MessageChannel()
  heard.onmessage = () => view.close()
  opener.postMessage({ moniker: 'return', url }, origin, [port2])
  setTimeout(go, hearsWithinMs)
}
