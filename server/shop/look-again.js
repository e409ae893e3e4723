// Looks again while the bill is open, and puts in what became of the order. A page that reloaded by itself would send whoever
// reads it back to its beginning (WCAG 2.2, success criterion 2.2.1).
const everyMs = 2000

async function look() {
  const fresh = document.hidden ? null : await fetchPage()
  const order = fresh?.querySelector('.order')
  const shown = document.querySelector('.order')
  if (order && order.dataset.state !== shown.dataset.state) {
    document.title = fresh.title
    show(shown, order)
  }
  if (!order || fresh.querySelector('script')) setTimeout(look, everyMs)
}

/** What is announced changes inside of the place that announces it. */
function show(shown, order) {
  const [announced] = shown.children
  const [news, ...rest] = order.children
  announced.replaceChildren(...news.childNodes)
  shown.replaceChildren(announced, ...rest)
  shown.dataset.state = order.dataset.state
}

/** By XMLHttpRequest, because it parses a document without a script writing HTML from text (Trusted Types). */
function fetchPage() {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('GET', location.href)
    request.responseType = 'document'
    request.timeout = 10 * everyMs
    request.onloadend = () => resolve(request.status === 200 ? request.responseXML : null)
    request.send()
  })
}

setTimeout(look, everyMs)
