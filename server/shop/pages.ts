import { html, raw } from 'hono/html'
import encodeQr from 'qr'
import type { Payment } from '../../shared/sdk/index.ts'
import { type Basket, basketText, currency, type Drink, drinks, type Item, quantityMax, totalOf } from './basket.ts'
import { canBePaid } from './check-out.ts'
import type { Order } from './order-store.ts'
import { type Language, type Words, wordsIn } from './words.ts'

type Html = ReturnType<typeof html>
type Standing = keyof Words['standings']

const priceText = (cents: number, language: Language): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency }).format(cents / 100)

function layout(language: Language, title: string, main: Html, more: Html | '' = ''): Html {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Bluebird Coffee</title>
        <link rel="icon" href="/bluebird.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        ${more}
      </head>
      <body>
        <header><a href="/"><img src="/bluebird.svg" alt="" width="44" height="44" /><span>Bluebird Coffee</span></a></header>
        <main>${main}</main>
      </body>
    </html>`
}

export function cataloguePage(language: Language, basket: Basket): Html {
  const { tagline } = wordsIn(language)
  const menu = drinks.map((drink) => card(drink, language, basket))
  const chosen = basket.length === 0 ? '' : basketSection(language, basket)
  return layout(language, tagline, html`<h1>${tagline}</h1>${chosen}<ul class="menu">${menu}</ul>`)
}

/** What was chosen so far; each step is a link to the page with another basket. */
function basketSection(language: Language, basket: Basket): Html {
  const say = wordsIn(language)
  const step = ({ drink }: Item, quantity: number, [sign, label]: readonly [string, string]) => {
    const other = basket.map((item) => (item.drink === drink ? { drink, quantity } : item))
    const query = basketText(other.filter((item) => item.quantity > 0))
    return html`<a href="/?${query}" aria-label="${label}: ${say.drinks[drink]}">${sign}</a>`
  }
  const row = (item: Item) => html`<dt>${item.quantity} × ${say.drinks[item.drink]}</dt>
    <dd>${step(item, item.quantity - 1, ['−', say.less])}
      ${item.quantity < quantityMax ? step(item, item.quantity + 1, ['+', say.more]) : ''}</dd>`
  return html`<section class="basket" aria-labelledby="basket">
    <h2 id="basket">${say.basket}</h2>
    <dl>${basket.map(row)}</dl>
    <form method="post" action="/orders">
      ${carried(basket)}<button>${say.order} · ${priceText(totalOf(basket), language)}</button>
    </form>
  </section>`
}

const carried = (basket: Basket) =>
  basket.map(({ drink, quantity }) => html`<input type="hidden" name="${drink}" value="${quantity}" />`)

/** One drink alone is ordered at once; what is added to a basket is ordered with it. */
function card(drink: Drink, language: Language, basket: Basket): Html {
  const { order, add, quantity, drinks: names } = wordsIn(language)
  const name = names[drink]
  const numbers = Array.from({ length: quantityMax }, (_, index) => html`<option>${index + 1}</option>`)
  return html`<li class="card">
    <div class="picture" data-drink="${drink}" aria-hidden="true"></div>
    <h2>${name}</h2>
    <p class="price">${priceText(totalOf([{ drink, quantity: 1 }]), language)}</p>
    <form method="post" action="/orders">
      ${carried(basket)}
      <input type="hidden" name="drink" value="${drink}" />
      <select name="quantity" aria-label="${quantity}: ${name}">${numbers}</select>
      ${basket.length > 0 ? '' : html`<button aria-label="${order}: ${name}">${order}</button>`}
      <button class="add" formmethod="get" formaction="/" aria-label="${add}: ${name}">${add}</button>
    </form>
  </li>`
}

/** Where scripts are off, the page can only be loaded again as a whole. */
const looksAgain = html`<script type="module" src="/look-again.js"></script>
  <noscript><meta http-equiv="refresh" content="5" /></noscript>`

const standings: Readonly<Record<Payment['state'], Standing>> = {
  created: 'waiting',
  ...{ approving: 'deciding', unknown: 'deciding' },
  ...{ authorized: 'paid', captured: 'paid', refunded: 'returned' },
  ...{ declined: 'declined', expired: 'expired', canceled: 'canceled', voided: 'canceled' },
}

/** @property payment null: the payment server cannot be reached; undefined: no payment was asked for yet */
type Ordered = {
  readonly order: Order
  readonly basket: Basket
  readonly payment: Payment | null | undefined
  readonly ticket: number | null
}

export function orderPage(language: Language, { order, basket, payment, ticket }: Ordered): Html {
  const say = wordsIn(language)
  const state = payment ? standings[payment.state] : payment === null ? 'unreachable' : 'waiting'
  const [title = '', explanation] = say.standings[state]
  const reason = state === 'declined' ? (say.reasons[payment?.decline?.reason ?? ''] ?? say.reasons.other) : ''
  const rows = basket.map((item) => [`${item.quantity} × ${say.drinks[item.drink]}`, totalOf([item])] as const)
  const sum = basket.length === 1 ? [] : [[say.total, totalOf(basket)] as const]
  const isOver = state === 'paid' || state === 'returned'
  const pay = html`<form method="post" action="/orders/${order.id}/payment"><button>${state === 'waiting' ? say.pay : say.again}</button></form>`
  const main = html`<article class="order" data-state="${state}">
    <div role="status"><h1>${title}</h1><p>${reason} ${explanation}</p></div>
    <dl>
      ${[...rows, ...sum].map(([term, cents]) => html`<dt>${term}</dt><dd>${priceText(cents, language)}</dd>`)}
      ${ticket === null ? '' : html`<dt>${say.ticket}</dt><dd>${ticket}</dd>`}
      <dt class="quiet">${order.id}</dt><dd class="quiet">${payment?.card ? `•••• ${payment.card.last4}` : ''}</dd>
    </dl>
    ${isOver || state === 'deciding' ? '' : pay}
    ${payment && canBePaid(payment) ? otherWays(say, payment) : ''}
    <a class="quiet" href="/">${say.another}</a>
  </article>`
  return layout(language, title, main, isOver || payment === null ? '' : looksAgain)
}

/** In a window over this page, ours or the browser's, or on another device: none is taken for paid, the payment server is asked. */
const otherWays = (say: Words, { id, url, amount }: Payment): Html => html`<section class="ways">
    <script type="module" src="${new URL('/button.js', url).href}"></script>
    <moniker-button payment="${id}" name-field></moniker-button>
    <script type="module" src="/pay-here.js"></script>
    <pay-here hidden data-url="${url}" data-method="${new URL('/pay', url).href}" data-payment="${id}" data-label="Bluebird Coffee"
      data-currency="${amount.currency}" data-value="${(amount.minor / 100).toFixed(2)}">
      <button type="button">${say.here}</button>
    </pay-here>
    <details>
      <summary>${say.phone}</summary>
      <div class="qr" role="img" aria-label="${say.code}">${raw(encodeQr(url, 'svg', { ecc: 'medium', border: 4 }))}</div>
      <p class="quiet">${say.link} <a href="${url}">${url}</a></p>
    </details>
  </section>`

export function notePage(language: Language, note: keyof Words['notes']): Html {
  const [title = '', explanation] = wordsIn(language).notes[note]
  const main = html`<article class="order"><h1>${title}</h1><p>${explanation}</p><a href="/">Bluebird Coffee</a></article>`
  return layout(language, title, main)
}
