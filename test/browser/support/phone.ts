import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumArguments, findOrInstallChromium } from './chromium.ts'
import { type VirtualAuthenticator, virtualAuthenticatorOf } from './virtual-authenticator.ts'

export type PhoneOptions = {
  /** BCP 47. Default `en-US`. */
  locale?: string
  /** Where its owner is, as `Pacific/Auckland`. Absent: where this machine is. */
  timezoneId?: string
  /** Default `light`. */
  colorScheme?: 'light' | 'dark'
  /** A profile on the disk, in a browser of its own: Chromium installs apps from no other. */
  persistent?: boolean
  /** What else such a browser is started with. */
  browserArguments?: readonly string[]
  /** No phone after all: a screen of 1280 × 800 points with a mouse, and nothing to read a finger by. */
  desktop?: boolean
  /** The browser lets no page keep a worker, so that nothing of the app is on the phone. */
  withoutWorker?: boolean
  /** The browser asks payers in a dialog of its own, and this is what they do there. Absent: it has none, as most. */
  dialog?: DialogAct
}

/** `autoChooseToAuthAnotherWay` also stands for a passkey that is not there, as browsers do not say which. */
export type DialogAct = 'autoAccept' | 'autoReject' | 'autoOptOut' | 'autoChooseToAuthAnotherWay'

export type Phone = {
  context: BrowserContext
  page: Page
  /** The fingerprint reader of `page`. A popup needs its own: `passkeys.copyTo(popup)`. */
  passkeys: VirtualAuthenticator
  /** What went wrong in any page of this phone: uncaught exceptions, refusals by the security policy, and `console.error`. */
  troubles: readonly string[]
  /** What the payer does from now on when the browser itself asks. */
  actsInDialog(act: DialogAct): Promise<void>
  close(): Promise<void>
}

/** A phone of 390 × 844 points with one open page. */
export async function openPhone(browser: Browser, options: PhoneOptions = {}): Promise<Phone> {
  const { context, close } = options.persistent
    ? await openProfile(screenOf(options), options.browserArguments)
    : await openContext(browser, screenOf(options))
  const troubles = listenForTroubles(context)
  if (options.dialog === undefined) await context.addInitScript(withoutDialog)
  const page = context.pages()[0] ?? (await context.newPage())
  const passkeys = await virtualAuthenticatorOf(page)
  if (options.desktop) await passkeys.remove()
  const actsInDialog = async (mode: DialogAct): Promise<void> => {
    await passkeys.devtools.send('Page.setSPCTransactionMode', { mode })
  }
  if (options.dialog !== undefined) await actsInDialog(options.dialog)
  return { context, page, passkeys, troubles, actsInDialog, close }
}

/** Only secure pages have the interface at all. */
function withoutDialog(): void {
  if ('PaymentRequest' in globalThis) Reflect.deleteProperty(PaymentRequest, 'securePaymentConfirmationAvailability')
}

export const handheld = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
const desk = { viewport: { width: 1280, height: 800 } }

const screenOf = ({
  locale = 'en-US',
  timezoneId,
  colorScheme = 'light',
  desktop = false,
  withoutWorker = false,
}: PhoneOptions): BrowserContextOptions => ({
  ...(desktop ? desk : handheld),
  locale,
  ...(timezoneId && { timezoneId }),
  colorScheme,
  serviceWorkers: withoutWorker ? 'block' : 'allow',
})

type Opened = { context: BrowserContext; close(): Promise<void> }

async function openContext(browser: Browser, screen: BrowserContextOptions): Promise<Opened> {
  const context = await browser.newContext(screen)
  return { context, close: () => context.close() }
}

async function openProfile(screen: BrowserContextOptions, browserArguments: readonly string[] = []): Promise<Opened> {
  const profile = await mkdtemp(join(tmpdir(), 'moniker-test-profile-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await findOrInstallChromium(),
    args: [...chromiumArguments, ...browserArguments],
    ...screen,
  })
  return {
    context,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function listenForTroubles(context: BrowserContext): readonly string[] {
  const troubles: string[] = []
  context.on('weberror', (webError) => troubles.push(String(webError.error())))
  context.on('console', (message) => {
    // An answer with an error status is logged too; whether that is trouble, only the page knows.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      troubles.push(message.text())
    }
  })
  return troubles
}
