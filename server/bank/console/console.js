// Keeps the page true: asks for it again while somebody looks, and puts in what has changed.
const everyMs = 2000

async function refresh() {
  const fresh = document.hidden ? null : await fetchPage()
  const live = document.getElementById('live')
  const next = fresh?.getElementById('live')
  if (live && next && live.innerHTML !== next.innerHTML) live.replaceChildren(...next.childNodes)
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
