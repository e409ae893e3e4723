// The browser's own window for paying (Payment Request API), where it can be had. What it answers is not taken for paid: the order's
// page asks the payment server.
class PayHere extends HTMLElement {
  connectedCallback() {
    this.hidden = false
    this.addEventListener('click', () => this.pay())
  }

  async pay() {
    const { method, payment, label, currency, value, url } = this.dataset
    const total = { label, amount: { currency, value } }
    try {
      const response = await new PaymentRequest([{ supportedMethods: method, data: { payment } }], { total }).show()
      await response.complete('success')
      if (response.details.url) location.assign(response.details.url)
    } catch ({ name }) {
      // Whoever thinks better of it (`AbortError`) has the page as it was.
      if (name === 'NotSupportedError') location.assign(url)
    }
  }
}

// Elsewhere `PaymentRequest` is for other ways of paying alone.
if ('PaymentRequest' in window && 'PaymentManager' in window) customElements.define('pay-here', PayHere)
