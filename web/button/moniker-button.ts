/** Where this file comes from is where payments are made. */
const payOrigin = new URL(import.meta.url).origin

type Words = { readonly pay: string; readonly open: string }
const english: Words = { pay: 'Pay with your name', open: 'Go on in the other window' }
const words: Readonly<Record<string, Words>> = { en: english, zh: { pay: '用名字付款', open: '请在另一个窗口继续' } }

const style = new CSSStyleSheet()
style.replaceSync(`
:host { display: inline-block; }
:host([hidden]) { display: none; }
button {
  inline-size: 100%; min-block-size: 3rem; padding: 0.5rem 1.25rem; border: 0; border-radius: 0.75rem; cursor: pointer;
  display: inline-flex; gap: 0.625rem; align-items: center; justify-content: center;
  background: #143a31; color: #fff; font: 650 1rem/1.3 system-ui, sans-serif; text-align: center;
}
button:hover { background: #1d4f43; }
button:focus-visible { outline: 3px solid Highlight; outline: 3px solid light-dark(#143a31, #9fd8c6); outline-offset: 3px; }
svg { flex: none; inline-size: 1.5em; block-size: 1.5em; fill: currentColor; }
@media (forced-colors: active) { button { border: 1px solid ButtonText; } }
`)

const svg = 'http://www.w3.org/2000/svg'
/** The name tag of the wallet, without its letter. */
const tag =
  'M11.6 4h13.9A3.5 3.5 0 0 1 29 7.5v17a3.5 3.5 0 0 1-3.5 3.5H11.6a4 4 0 0 1-2.9-1.25L2.6 18.3a3.4 3.4 0 0 1 0-4.6l6.1-8.45A4 4 0 0 1 11.6 4ZM8.6 13.9a2.1 2.1 0 1 0 0 4.2 2.1 2.1 0 1 0 0-4.2Z'

const popupFeatures = 'popup,width=440,height=780'
const looksEveryMs = 400

/** What the page of the bill says when it is done: where the payer was to go, which is the shop's own address. */
type Return = { readonly moniker: 'return'; readonly url: string }

/**
 * `<moniker-button payment="pay_…">`: the bill in a window of its own, over the shop's page.
 *
 * Once the window is done, the page goes where the redirect would have led, after the event `moniker-return` (`detail.url`), which can be
 * canceled by who wants to do otherwise. What became of the payment only the shop's server can ask: this page believes nothing.
 * Where windows are blocked the page itself goes to the bill. Where the shop's page cuts the window off (Cross-Origin-Opener-Policy), the
 * window goes on to the shop by itself.
 */
class MonikerButton extends HTMLElement {
  readonly #button = document.createElement('button')
  readonly #label = document.createElement('span')
  #popup: Window | null = null
  /** What it shows. */
  #payment = ''
  #looking: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    root.adoptedStyleSheets = [style]
    this.#button.type = 'button'
    this.#button.append(picture(), this.#label)
    this.#button.addEventListener('click', () => this.#press())
    root.append(this.#button)
  }

  connectedCallback(): void {
    this.#show()
  }

  #press(): void {
    const payment = this.getAttribute('payment')
    if (payment === null) return
    if (this.#popup !== null && !this.#popup.closed && payment === this.#payment) this.#popup.focus()
    else this.#open(payment)
  }

  #open(payment: string): void {
    this.#payment = payment
    clearInterval(this.#looking)
    const url = new URL(`/pay/${encodeURIComponent(payment)}`, payOrigin).href
    this.#popup = open(`${url}?popup`, `moniker-${payment}`, popupFeatures)
    if (this.#popup === null) {
      location.assign(url)
      return
    }
    addEventListener('message', this.#hear)
    this.#looking = setInterval(() => this.#look(), looksEveryMs)
    this.#show()
  }

  /** A window that was closed by hand says nothing. */
  #look(): void {
    if (this.#popup !== null && !this.#popup.closed) return
    clearInterval(this.#looking)
    removeEventListener('message', this.#hear)
    this.#show()
  }

  readonly #hear = ({ origin, source, data, ports }: MessageEvent<unknown>): void => {
    if (origin !== payOrigin || source === null || source !== this.#popup || !isReturn(data)) return
    ports[0]?.postMessage('heard')
    // A page that took the button away has learned of the payment by itself: all there is to do is to let the window close.
    if (!this.isConnected) return
    const detail = { url: data.url }
    const event = new CustomEvent('moniker-return', { detail, bubbles: true, composed: true, cancelable: true })
    if (this.dispatchEvent(event)) location.assign(data.url)
  }

  #show(): void {
    const language = this.closest('[lang]')?.getAttribute('lang')?.slice(0, 2) ?? navigator.language.slice(0, 2)
    const say = words[language] ?? english
    const isOpen = this.#popup !== null && !this.#popup.closed
    this.#label.textContent = isOpen ? say.open : say.pay
  }
}

const isReturn = (data: unknown): data is Return =>
  typeof data === 'object' &&
  data !== null &&
  'moniker' in data &&
  data.moniker === 'return' &&
  'url' in data &&
  typeof data.url === 'string' &&
  /^https?:\/\//.test(data.url)

function picture(): SVGSVGElement {
  const drawn = document.createElementNS(svg, 'svg')
  drawn.setAttribute('viewBox', '0 0 32 32')
  drawn.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(svg, 'path')
  path.setAttribute('d', tag)
  drawn.append(path)
  return drawn
}

if (!customElements.get('moniker-button')) customElements.define('moniker-button', MonikerButton)
