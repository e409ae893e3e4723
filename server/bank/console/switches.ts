import { html } from 'hono/html'
import { bankOperations } from '../../../shared/wire/bank-api.ts'
import { type MischiefOrder, misbehaviourNames, whatItDoes } from '../misbehave.ts'

/** Forms, so that they work without a script; outside of what refreshes itself, so that a choice is not lost. */
export const switches = () => html`
<section aria-labelledby="misbehaviour">
  <h2 id="misbehaviour">Misbehave on demand</h2>
  <form class="sheet" method="post" action="/simulator/switches">
    <label>What goes wrong
      <select name="what">
        ${misbehaviourNames.map((name) => html`<option value="${name}">${whatItDoes(name)}</option>`)}
      </select>
    </label>
    <label>When asked to
      <select name="operation">
        <option value="">do anything</option>
        ${Object.keys(bankOperations).map((operation) => html`<option value="${operation}">${operation}</option>`)}
      </select>
    </label>
    <label>Times <input type="number" name="times" value="1" min="1" max="10000" inputmode="numeric"></label>
    <button>Misbehave</button>
  </form>
</section>`

/** What is still to go wrong. Always on the page, so that its button stays the same while the list changes; shown where there is something. */
export const standingOrders = (orders: readonly MischiefOrder[]) => html`
<div class="sheet warning" id="warning" ${orders.length === 0 ? 'hidden' : ''}>
  <p><strong>This bank will misbehave.</strong></p>
  <ul class="orders" id="orders" data-live>${orders.map(standingOrder)}</ul>
  <form method="post" action="/simulator/switches">
    <input type="hidden" name="what" value="nothing">
    <input type="hidden" name="operation" value="">
    <input type="hidden" name="times" value="1">
    <button>Behave again</button>
  </form>
</div>`

const standingOrder = ({ what, operation, times }: MischiefOrder) => html`<li>
  ${whatItDoes(what)} <span class="fine">${operation ?? 'Anything'}, ${times} ${times === 1 ? 'time' : 'times'}</span>
</li>`
