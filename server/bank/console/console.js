// Keeps the page true: asks for it again while somebody looks, and puts in what has changed. What has not changed stays, and with it
// the focus and the selection of whoever is reading.
const everyMs = 2000

async function refresh() {
  const fresh = document.hidden ? null : await fetchPage()
  if (fresh === null) return
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id)
    if (next && part.innerHTML !== next.innerHTML) part.replaceChildren(...next.childNodes)
  }
  // Of the warning only the list is put in anew: its button stays.
  const [warning, nextWarning] = [document.getElementById('warning'), fresh.getElementById('warning')]
  if (warning && nextWarning) warning.hidden = nextWarning.hidden
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

async function keepFresh() {
  await refresh()
  setTimeout(keepFresh, everyMs)
}

setTimeout(keepFresh, everyMs)
