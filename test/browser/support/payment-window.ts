import type { CDPSession } from 'playwright-core'
import type { PayersPhone } from './payers-phone.ts'
import { platformAuthenticator } from './virtual-authenticator.ts'

/**
 * The window in which the browser itself shows whoever handles a payment. Playwright does not know it for a page, so it is driven
 * through the browser's own protocol, with a finger that comes down where a button is.
 */
export type PaymentWindow = {
  /** Presses the button whose words begin so, once it is there. */
  presses(words: string): Promise<void>
  /** Writes into the field of the name, once it is there. */
  typesName(name: string): Promise<void>
  /** Waits until it says this. */
  sees(text: string): Promise<void>
  /** Its page is gone, as where a phone has no memory left. */
  crashes(): Promise<void>
}

const looksEveryMs = 50

/** Waits for that window on this phone, and puts the phone's passkeys behind its fingerprint reader. */
export async function paymentWindowOf({ page, passkeys, context }: PayersPhone): Promise<PaymentWindow> {
  const browser = await (context.browser()?.newBrowserCDPSession() ?? context.newCDPSession(page))
  const targetId = await until(async () => {
    const { targetInfos } = await browser.send('Target.getTargets')
    return targetInfos.find(({ type, url, attached }) => type === 'page' && url.endsWith('?handler') && !attached)
      ?.targetId
  })
  const send = await attach(browser, targetId)

  await send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await send('WebAuthn.addVirtualAuthenticator', { options: platformAuthenticator })
  for (const credential of await passkeys.credentials()) {
    await send('WebAuthn.addCredential', { authenticatorId, credential })
  }
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await send('Runtime.evaluate', { expression, returnByValue: true })
    return isRecord(result) ? result.value : undefined
  }

  return {
    async presses(words) {
      // What moves away under the finger, as where the autofill answers just then, is pressed once more.
      await until(async () => {
        const at = await evaluate(`(${middleOfButton})(${JSON.stringify(words)})`)
        if (!isRecord(at)) return false
        const press = (type: string) =>
          send('Input.dispatchMouseEvent', { type, x: at.x, y: at.y, button: 'left', clickCount: 1 })
        await Promise.all(['mousePressed', 'mouseReleased'].map(press))
        // Where the window is gone, that came of it.
        return (await evaluate('globalThis.isPressed').catch(() => true)) !== false
      })
    },
    async typesName(name) {
      await until(async () => (await evaluate(`(${focusName})()`)) === true)
      await send('Input.insertText', { text: name })
    },
    async sees(text) {
      await until(async () => (await evaluate(`document.body.innerText.includes(${JSON.stringify(text)})`)) === true)
    },
    async crashes() {
      await send('Page.crash', {})
    },
  }
}

/** Runs in the window. */
function middleOfButton(words: string): { x: number; y: number } | null {
  const isPlain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, '').trim()
  const button = [...document.querySelectorAll('button')].find(
    ({ textContent, disabled }) => !disabled && isPlain(textContent).startsWith(words),
  )
  if (button === undefined) return null
  Object.assign(globalThis, { isPressed: false })
  button.addEventListener('click', () => Object.assign(globalThis, { isPressed: true }))
  button.scrollIntoView({ block: 'center', behavior: 'instant' })
  const { x, y, width, height } = button.getBoundingClientRect()
  return { x: x + width / 2, y: y + height / 2 }
}

/** Runs in the window. */
function focusName(): boolean {
  const field = document.querySelector('input[autocomplete~=username]')
  if (field instanceof HTMLElement) field.focus()
  return field !== null && field === document.activeElement
}

type Send = (method: string, params: object) => Promise<Record<string, unknown>>

/** A session within the browser's session, whose messages are carried as texts. */
async function attach(browser: CDPSession, targetId: string): Promise<Send> {
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false })
  const answers = new Map<unknown, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>()
  browser.on('Target.detachedFromTarget', () => {
    for (const { resolve } of answers.values()) resolve({})
  })
  browser.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer: unknown = JSON.parse(message)
    if (!isRecord(answer)) return
    const waiting = answers.get(answer.id)
    if (isRecord(answer.result)) waiting?.resolve(answer.result)
    else waiting?.reject(new Error(JSON.stringify(answer.error)))
  })
  let count = 0
  return async (method, params) => {
    count += 1
    const id = count
    const answered = new Promise<Record<string, unknown>>((resolve, reject) => answers.set(id, { resolve, reject }))
    await browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) })
    return answered
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Until there is something; the test's own patience is the limit. */
async function until<T>(look: () => Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== undefined && seen !== false) return seen
    await new Promise((resolve) => setTimeout(resolve, looksEveryMs))
  }
}
