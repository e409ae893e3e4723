/** What TypeScript does not know of the Payment Handler API (W3C, §3 and §4); Chromium alone has it. */
type MethodData = { readonly supportedMethods: string; readonly data?: unknown }
type CanMakePaymentEvent = ExtendableEvent & {
  readonly methodData: readonly MethodData[]
  respondWith(canMakePayment: boolean): void
}
type PaymentRequestEvent = ExtendableEvent & {
  /** Of the page that asks, which also gets the answer; Chromium writes a slash after it. */
  readonly paymentRequestOrigin: string
  readonly methodData: readonly MethodData[]
  openWindow(url: string): Promise<WindowClient | null>
  respondWith(response: Promise<{ methodName: string; details: Details }>): void
}
declare global {
  interface ServiceWorkerGlobalScopeEventMap {
    canmakepayment: CanMakePaymentEvent
    paymentrequest: PaymentRequestEvent
  }
}

/**
 * What the shop's page hears: no more than that the payer is done, and where the redirect would have led. What became of the payment its
 * server asks the API. `canceled`: the payer called it off, or the page of the bill is gone; of a window that the payer closes the browser
 * itself tells the shop (`AbortError`). Without `url`: nothing more is known, or the page is not of the shop that the bill is for.
 */
type Details = { readonly payment: string; readonly status: 'returned' | 'canceled'; readonly url?: string }
/** What the page of the bill says when it is done (`web/doors/opener.ts`). */
type Return = { readonly moniker: 'return'; readonly url: string; readonly state: string }

const looksEveryMs = 400

/**
 * Makes the wallet a way of paying of the browser's own: a shop's page asks for `supportedMethods: "https://…/pay"` with
 * `data: { payment }`, the browser installs this worker where it is not yet, and the bill opens in a window over the shop's page.
 * The bill says what is paid and to whom; the total that the page names is nothing but its word.
 * @see https://www.w3.org/TR/payment-handler/
 */
export function handlePayments(worker: ServiceWorkerGlobalScope): void {
  const waiting = new Map<string, (said: Return | null) => void>()

  worker.addEventListener('canmakepayment', (event) => {
    event.respondWith(paymentIn(event.methodData) !== null)
  })
  worker.addEventListener('paymentrequest', (event) => event.respondWith(answer(event)))
  worker.addEventListener('message', ({ source, data, ports }) => {
    const hear = source !== null && 'id' in source ? waiting.get(source.id) : undefined
    if (hear === undefined || !isReturn(data)) return
    ports[0]?.postMessage('heard')
    hear(data)
  })

  async function answer(event: PaymentRequestEvent): Promise<{ methodName: string; details: Details }> {
    const payment = paymentIn(event.methodData)
    if (payment === null) throw new TypeError('data: { payment: "pay_…" } is missing')
    const bill = await event.openWindow(`/pay/${encodeURIComponent(payment)}?handler`)
    if (bill === null) throw new Error('the browser opened no window')
    const said = await endOf(bill.id)
    const methodName = new URL('/pay', worker.location.origin).href
    return { methodName, details: detailsOf(payment, said, event.paymentRequestOrigin) }
  }

  /** What the window says, or null once its page is gone: one that crashed says nothing, and leaves the shop waiting. */
  function endOf(id: string): Promise<Return | null> {
    return new Promise<Return | null>((resolve) => {
      const looking = setInterval(async () => {
        if ((await worker.clients.get(id)) === undefined) end(null)
      }, looksEveryMs)
      const end = (said: Return | null) => {
        clearInterval(looking)
        waiting.delete(id)
        resolve(said)
      }
      waiting.set(id, end)
    })
  }
}

function detailsOf(payment: string, said: Return | null, asker: string): Details {
  if (said === null) return { payment, status: 'canceled' }
  if (new URL(said.url).origin !== new URL(asker).origin) return { payment, status: 'returned' }
  return { payment, status: said.state === 'canceled' ? 'canceled' : 'returned', url: said.url }
}

/** The payment that is asked for, as it was created through the API. */
function paymentIn(methods: readonly MethodData[]): string | null {
  const data = methods[0]?.data
  const hasPayment = typeof data === 'object' && data !== null && 'payment' in data
  return hasPayment && typeof data.payment === 'string' ? data.payment : null
}

const isReturn = (data: unknown): data is Return =>
  typeof data === 'object' &&
  data !== null &&
  'moniker' in data &&
  data.moniker === 'return' &&
  'url' in data &&
  typeof data.url === 'string' &&
  'state' in data &&
  typeof data.state === 'string'
