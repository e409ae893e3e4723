import { type DialogEnd, hasDialog, payInDialog } from './shop-dialog.ts'

/** Where this file comes from is where payments are made. */
const payOrigin = new URL(import.meta.url).origin

const english = {
  pay: 'Pay with your name',
  open: 'Go on in the other window',
  name: 'Your Moniker name',
  asked: 'Your browser is asking you',
  dismissed: 'Your passkey was not used. Press again to pay in a window.',
  closed: 'The window was closed. You can go on here.',
}
const chinese = {
  pay: '用名字付款',
  open: '请在另一个窗口继续',
  name: '您的 Moniker 名字',
  asked: '请在浏览器中确认',
  dismissed: '没有使用您的通行密钥。再按一次可在窗口中付款。',
  closed: '窗口已关闭。您可以在这里继续。',
}
const words: Readonly<Record<string, typeof english>> = { en: english, zh: chinese }

const style = new CSSStyleSheet()
style.replaceSync(`
:host { display: inline-block; }
:host([hidden]) { display: none; }
form, p { margin: 0; }
label { display: grid; gap: 0.25rem; margin-block-end: 0.75rem; font: 500 0.875rem/1.3 system-ui, sans-serif; text-align: start; }
label[hidden] { display: none; }
p:not(:empty) { margin-block-start: 0.75rem; font: 0.875rem/1.4 system-ui, sans-serif; text-align: start; }
input {
  box-sizing: border-box; inline-size: 100%; min-block-size: 3rem; padding: 0.5rem 0.75rem; border: 1px solid GrayText; border-radius: 0.75rem;
  background: transparent; color: inherit; font: 1rem/1.3 system-ui, sans-serif;
}
input:focus-visible { outline: 3px solid Highlight; outline: 3px solid light-dark(#143a31, #9fd8c6); outline-offset: 1px; }
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

type News = 'dismissed' | 'closed' | null

/** What the page of the bill says when it is done: where the payer was to go, which is the shop's own address. */
type Return = { readonly moniker: 'return'; readonly url: string }

/**
 * `<moniker-button payment="pay_…">`: the bill in a window of its own, over the shop's page.
 *
 * Once the window is done, the page goes where the redirect would have led, after the event `moniker-return` (`detail.url`), which can be
 * canceled by who wants to do otherwise. What became of the payment only the shop's server can ask: this page believes nothing.
 * Where windows are blocked the page itself goes to the bill. Where the shop's page cuts the window off (Cross-Origin-Opener-Policy), the
 * window goes on to the shop by itself.
 *
 * With the attribute `name-field` it asks for the payer's name where the browser has a payment dialog of its own, and has that ask for the passkey
 * over the shop's page. Whoever types no name, has no passkey here or wants it otherwise gets the window.
 */
class MonikerButton extends HTMLElement {
  readonly #button = document.createElement('button')
  readonly #label = document.createElement('span')
  readonly #name = document.createElement('input')
  readonly #nameLabel = document.createElement('label')
  readonly #nameText = document.createElement('span')
  readonly #news = document.createElement('p')
  #popup: Window | null = null
  /** What it shows. */
  #payment = ''
  /** Whether the window has said what became of it. */
  #isHeard = false
  #looking: ReturnType<typeof setInterval> | undefined
  #isAsking = false
  #said: News = null
  /** Who has said no to which payment, and is offered the window next. */
  #dismissed = ''

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    root.adoptedStyleSheets = [style]
    this.#button.append(picture(), this.#label)
    Object.assign(this.#name, { autocomplete: 'username', autocapitalize: 'none', spellcheck: false, maxLength: 256 })
    this.#nameLabel.append(this.#nameText, this.#name)
    this.#nameLabel.hidden = true
    const form = document.createElement('form')
    this.#news.role = 'status'
    form.append(this.#nameLabel, this.#button, this.#news)
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#press()
    })
    root.append(form)
  }

  connectedCallback(): void {
    this.#show()
    if (this.hasAttribute('name-field')) void this.#offerNameField()
  }

  async #offerNameField(): Promise<void> {
    this.#nameLabel.hidden = !(await hasDialog(globalThis.PaymentRequest))
  }

  async #press(): Promise<void> {
    const payment = this.getAttribute('payment')
    if (payment === null || this.#isAsking) return
    const name = this.#nameLabel.hidden || this.#isOpen() ? '' : this.#name.value.trim()
    const end = name === '' || this.#dismissed === `${payment} ${name}` ? 'elsewhere' : await this.#ask(payment, name)
    if (end === 'elsewhere') this.#openOrShow(payment, name)
    else if (end === 'dismissed') this.#dismiss(`${payment} ${name}`)
    else this.#return(end.paid)
  }

  #dismiss(whose: string): void {
    this.#dismissed = whose
    this.#say('dismissed')
  }

  #say(news: News): void {
    this.#said = news
    this.#show()
  }

  async #ask(payment: string, name: string): Promise<DialogEnd> {
    this.#isAsking = true
    this.#say(null)
    const end = await payInDialog(PaymentRequest, { origin: payOrigin, payment }, name)
    this.#isAsking = false
    await this.#offerNameField()
    this.#show()
    return end
  }

  #openOrShow(payment: string, name: string): void {
    if (this.#isOpen() && payment === this.#payment) this.#popup?.focus()
    else this.#open(payment, name)
  }

  /** @param name that was typed here, so that nobody has to say it twice. After the hash, which browsers send to no server. */
  #open(payment: string, name: string): void {
    this.#payment = payment
    this.#isHeard = false
    clearInterval(this.#looking)
    const url = new URL(`/pay/${encodeURIComponent(payment)}`, payOrigin).href
    const hash = name === '' ? '' : `#${new URLSearchParams({ name })}`
    this.#popup = open(`${url}?popup${hash}`, `moniker-${payment}`, popupFeatures)
    if (this.#popup === null) {
      location.assign(url + hash)
      return
    }
    addEventListener('message', this.#hear)
    this.#looking = setInterval(() => this.#look(), looksEveryMs)
    this.#say(null)
  }

  /** A window that was closed by hand says nothing: whether it was paid there, the shop's server asks. */
  #look(): void {
    if (this.#isOpen()) return
    clearInterval(this.#looking)
    removeEventListener('message', this.#hear)
    this.#say(this.#isHeard ? null : 'closed')
  }

  readonly #hear = ({ origin, source, data, ports }: MessageEvent<unknown>): void => {
    if (origin !== payOrigin || source === null || source !== this.#popup || !isReturn(data)) return
    this.#isHeard = true
    ports[0]?.postMessage('heard')
    this.#return(data.url)
  }

  #return(url: string): void {
    // A page that took the button away has learned of the payment by itself: all there is left to do is to let the window close.
    if (!this.isConnected) return
    const event = new CustomEvent('moniker-return', {
      detail: { url },
      bubbles: true,
      composed: true,
      cancelable: true,
    })
    if (this.dispatchEvent(event)) location.assign(url)
  }

  readonly #isOpen = (): boolean => this.#popup?.closed === false

  #show(): void {
    const language = this.closest('[lang]')?.getAttribute('lang')?.slice(0, 2) ?? navigator.language.slice(0, 2)
    const say = words[language] ?? english
    this.#label.textContent = this.#isAsking ? say.asked : this.#isOpen() ? say.open : say.pay
    this.#nameText.textContent = say.name
    this.#news.textContent = this.#said === null ? '' : say[this.#said]
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
