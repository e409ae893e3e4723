import type { Page } from 'playwright-core'

const stepsMax = 60

/** The hands of somebody who has no pointer. */
export function keyboardOf(page: Page) {
  const { keyboard } = page

  /** Goes from one thing to the next until it is there, and sees all the way where it is (WCAG 2.2, 2.4.7). */
  async function walksTo(name: string | RegExp): Promise<void> {
    const passed: string[] = []
    while (passed.length < stepsMax) {
      const { text, isSeen } = await page.evaluate(whatHasFocus)
      if (typeof name === 'string' ? text === name : name.test(text)) return
      if (!isSeen) throw new Error(`nobody sees that “${text}” has the focus`)
      passed.push(text)
      await keyboard.press('Tab')
    }
    throw new Error(`no ${name} among ${passed.join(', ')}`)
  }

  return {
    walksTo,
    focus: async () => (await page.evaluate(whatHasFocus)).text,
    async presses(name: string | RegExp): Promise<void> {
      await walksTo(name)
      await keyboard.press('Enter')
    },
    async types(name: string | RegExp, text: string): Promise<void> {
      await walksTo(name)
      await keyboard.type(text)
    },
  }
}

/** Runs in the page. */
function whatHasFocus(): { text: string; isSeen: boolean } {
  const element = document.activeElement
  // Past the last thing on the page the browser's own bar has the focus.
  if (!(element instanceof HTMLElement) || element === document.body) return { text: '', isSeen: true }
  const label = element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : undefined
  const text = element.getAttribute('aria-label') ?? label ?? element.innerText
  // A heading has it so that a screen reader begins there: nothing can be done to it.
  const isSeen = element.tabIndex < 0 || getComputedStyle(element).outlineStyle !== 'none'
  return { text: text.replaceAll(/\s+/g, ' ').trim(), isSeen }
}
