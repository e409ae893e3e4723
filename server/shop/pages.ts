import { html, raw } from 'hono/html'
import encodeQr from 'qr'
import { decimalText, formatMoney, type Money } from '../../shared/money.ts'
import type { Payment } from '../../shared/sdk/index.ts'
import { type Basket, basketText, totalOf, withQuantity } from './basket.ts'
import { canBePaid } from './check-out.ts'
import { type Drink, drinks, quantityMax } from './drinks.ts'
import type { Order } from './order-store.ts'
import { declineReason, type Language, type Note, type Standing, words } from './words.ts'

type Html = ReturnType<typeof html>

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
        <header>
          <a href="/"><img src="/bluebird.svg" alt="" width="44" height="44" /><span>Bluebird Coffee</span></a>
        </header>
        <main>${main}</main>
      </body>
    </html>`
}

export function cataloguePage(language: Language, basket: Basket): Html {
  const { tagline } = words[language]
  return layout(
    language,
    tagline,
    html`<h1>${tagline}</h1>
      ${basket.length === 0 ? '' : basketSection(language, basket)}
      <ul class="menu">${drinks.map((drink) => card(drink, language, basket))}</ul>`,
  )
}

/** What was chosen so far; each step is a link to the page with another basket. */
function basketSection(language: Language, basket: Basket): Html {
  const say = words[language]
  const item = ({ drink, quantity }: Basket[number]) => {
    const step = (to: number, sign: string, label: string) =>
      html`<a href="/?${basketText(withQuantity(basket, drink, to))}" aria-label="${label}: ${drink.names[language]}">${sign}</a>`
    return html`<dt>${quantity} × ${drink.names[language]}</dt>
      <dd>${step(quantity - 1, '−', say.less)} ${quantity < quantityMax ? step(quantity + 1, '+', say.more) : ''}</dd>`
  }
  return html`<section class="basket" aria-labelledby="basket">
    <h2 id="basket">${say.basket}</h2>
    <dl>${basket.map(item)}</dl>
    <form method="post" action="/orders">
      ${carried(basket)}
      <button>${say.order} · ${formatMoney(totalOf(basket), language)}</button>
    </form>
  </section>`
}

const carried = (basket: Basket) =>
  basket.map(({ drink, quantity }) => html`<input type="hidden" name="${drink.id}" value="${quantity}" />`)

/** One drink alone is ordered at once; what is added to a basket is ordered with it. */
function card(drink: Drink, language: Language, basket: Basket): Html {
  const { order, add, quantity } = words[language]
  const name = drink.names[language]
  const numbers = Array.from({ length: quantityMax }, (_, index) => index + 1)
  return html`<li class="card">
    <div class="picture" data-drink="${drink.id}" aria-hidden="true"></div>
    <h2>${name}</h2>
    <p class="price">${formatMoney(drink.price, language)}</p>
    <form method="post" action="/orders">
      ${carried(basket)}
      <input type="hidden" name="drink" value="${drink.id}" />
      <select name="quantity" aria-label="${quantity}: ${name}">
        ${numbers.map((number) => html`<option>${number}</option>`)}
      </select>
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
  approving: 'deciding',
  unknown: 'deciding',
  authorized: 'paid',
  captured: 'paid',
  refunded: 'returned',
  declined: 'declined',
  expired: 'expired',
  canceled: 'canceled',
  voided: 'canceled',
}

/** @param payment null: the payment server cannot be reached; undefined: no payment was asked for yet */
export function orderPage(
  language: Language,
  order: Order,
  basket: Basket,
  payment: Payment | null | undefined,
  ticket: number | null = null,
): Html {
  const say = words[language]
  const state = payment ? standings[payment.state] : payment === null ? 'unreachable' : 'waiting'
  const [title, explanation] = say[state]
  const total = totalOf(basket)
  const items = basket.map(({ drink, quantity }) => {
    const price = formatMoney(totalOf([{ drink, quantity }]), language)
    return html`<dt>${quantity} × ${drink.names[language]}</dt><dd>${price}</dd>`
  })
  const isOver = state === 'paid' || state === 'returned'
  const main = html`<article class="order" data-state="${state}">
    <div role="status">
      <h1>${title}</h1>
      <p>${state === 'declined' && payment ? `${declineReason(payment, language)} ` : ''}${explanation}</p>
    </div>
    <dl>
      ${items}
      ${basket.length === 1 ? '' : html`<dt>${say.total}</dt><dd>${formatMoney(total, language)}</dd>`}
      ${ticket === null ? '' : html`<dt>${say.ticket}</dt><dd>${ticket}</dd>`}
      <dt class="quiet">${order.id}</dt><dd class="quiet">${payment?.card ? `•••• ${payment.card.last4}` : ''}</dd>
    </dl>
    ${isOver || state === 'deciding' ? '' : html`<form method="post" action="/orders/${order.id}/payment"><button>${state === 'waiting' ? say.pay : say.again}</button></form>`}
    ${payment && canBePaid(payment) ? otherWays(language, payment, total) : ''}
    <a class="quiet" href="/">${say.another}</a>
  </article>`
  return layout(language, title, main, isOver || payment === null ? '' : looksAgain)
}

/** In a window over this page, ours or the browser's, or on another device: none is taken for paid, the payment server is asked. */
function otherWays(language: Language, { id, url }: Payment, total: Money): Html {
  const say = words[language]
  return html`<section class="ways">
    <script type="module" src="${new URL('/button.js', url).href}"></script>
    <moniker-button payment="${id}" name-field></moniker-button>
    <script type="module" src="/pay-here.js"></script>
    <pay-here hidden data-url="${url}" data-method="${new URL('/pay', url).href}" data-payment="${id}" data-label="Bluebird Coffee"
      data-currency="${total.currency}" data-value="${decimalText(total)}">
      <button type="button">${say.here}</button>
    </pay-here>
    <details>
      <summary>${say.phone}</summary>
      <div class="qr" role="img" aria-label="${say.code}">${raw(encodeQr(url, 'svg', { ecc: 'medium', border: 4 }))}</div>
      <p class="quiet">${say.link} <a href="${url}">${url}</a></p>
    </details>
  </section>`
}

export function notePage(language: Language, note: Note): Html {
  const [title, explanation] = words[language][note]
  return layout(
    language,
    title,
    html`<article class="order"><h1>${title}</h1><p>${explanation}</p><a href="/">Bluebird Coffee</a></article>`,
  )
}
