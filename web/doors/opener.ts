import type { Bill } from '../../shared/wire/payment-api.ts'

/** A shop that hears nothing within this time is not there any more. */
const hearsWithinMs = 1_000

/**
 * Back to the shop. Where this is a window over its page, whoever opened it is told, and then this window is over. Otherwise, and where
 * nobody hears, this page itself goes there.
 * @param openedWith what stood in the address when this window was opened, wherever it has gone since
 * @param bill its `returnUrl` is on the shop's own origin
 */
export function goBack(
  view: Window,
  openedWith: URLSearchParams,
  { returnUrl: url, state }: Pick<Bill, 'returnUrl' | 'state'>,
): void {
  const { protocol, origin } = new URL(url)
  if (!/^https?:$/.test(protocol)) return // only a web page can be gone back to: never `javascript:` or `data:`
  const go = () => view.location.assign(url)
  const tell = wayToOpener(view, openedWith, origin)
  if (tell === null) {
    go()
    return
  }
  const { port1: heard, port2 } = new MessageChannel()
  const givingUp = setTimeout(go, hearsWithinMs)
  heard.onmessage = () => {
    clearTimeout(givingUp)
    view.close()
  }
  tell({ moniker: 'return', url, state }, port2)
}

type Tell = (said: { moniker: 'return'; url: string; state: Bill['state'] }, port: MessagePort) => void

/**
 * The worker that has the browser show this window (`web/service-worker/payment-handler.ts`), or the page whose button opened it
 * (`web/button/`), which is told only if it is still on the origin that the bill is for.
 */
function wayToOpener(view: Window, search: URLSearchParams, origin: string): Tell | null {
  // Absent where the page is not secure.
  const worker = search.has('handler') ? view.navigator.serviceWorker?.controller : null
  if (worker) return (said, port) => worker.postMessage(said, [port])
  const opener: Window | null = search.has('popup') ? view.opener : null
  return opener && ((said, port) => opener.postMessage(said, origin, [port]))
}
