import type { Page } from 'playwright-core'

/** Ways of reading that need room: text twice as large (WCAG 2.2, 1.4.4), and a script that runs from right to left. */
export const stretches = ['large', 'rtl'] as const
export type Stretch = (typeof stretches)[number]

/**
 * Shows the page so, looks, and puts it back. The right-to-left language is nobody's: every word as it is, in the other direction, as the
 * pseudo-locale ar-XB of Android writes it.
 * @param look is given what the page then loses: parts that reach past its edges, and texts that are cut off
 */
export async function whileStretched(
  page: Page,
  stretch: Stretch,
  look: (lost: string[]) => Promise<void>,
): Promise<void> {
  await page.evaluate(stretch === 'large' ? enlarge : mirror)
  try {
    await look(await page.evaluate(whatIsLost))
  } finally {
    await page.evaluate(stretch === 'large' ? shrink : mirrorBack)
  }
}

function enlarge(): void {
  document.documentElement.style.fontSize = '200%'
}

function shrink(): void {
  document.documentElement.style.removeProperty('font-size')
}

/** Runs in the page. Text in `bdi`, `dir` and form fields is somebody's own, and has its own direction. */
function mirror(): void {
  const [overrideToLeft, popFormatting] = ['\u202e', '\u202c']
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (!(text instanceof Text) || text.parentElement?.closest('bdi, [dir]:not(html), script, style, select') != null)
      continue
    text.data = text.data.replaceAll(/\p{Letter}+/gu, (word) => `${overrideToLeft}${word}${popFormatting}`)
  }
  document.documentElement.dir = 'rtl'
}

function mirrorBack(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (text instanceof Text) text.data = text.data.replaceAll(/[\u202e\u202c]/g, '')
  }
  document.documentElement.dir = 'ltr'
}

/** Runs in the page. */
function whatIsLost(): string[] {
  const lost: string[] = []
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) lost.push(`the page is ${scrollWidth} wide where ${clientWidth} are shown`)
  for (const element of document.body.querySelectorAll('*')) {
    // What is only for screen readers takes no room.
    if (!(element instanceof HTMLElement) || !element.checkVisibility() || element.closest('.sr, .skip')) continue
    const { overflowX, overflowY } = getComputedStyle(element)
    const isCut = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
    const isWider = isCut(overflowX) && element.scrollWidth > element.clientWidth + 1
    const isHigher = isCut(overflowY) && element.scrollHeight > element.clientHeight + 1
    const scrollsByItself = element.matches('input, select')
    if ((isWider || isHigher) && !scrollsByItself)
      lost.push(`${nameOf(element)} is cut off: ${element.innerText.slice(0, 40)}`)
    const { left, right } = element.getBoundingClientRect()
    if (left < -1 || right > clientWidth + 1) lost.push(`${nameOf(element)} reaches past the edge: ${left} to ${right}`)
  }
  return lost

  function nameOf(element: Element): string {
    return [element.localName, ...element.classList].join('.')
  }
}
