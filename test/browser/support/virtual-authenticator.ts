import type { CDPSession, Page } from 'playwright-core'

/** A passkey as Chromium's virtual authenticator keeps it. Bytes are base64 with `+/=`, other than everywhere else. */
type VirtualCredential = {
  credentialId: string
  isResidentCredential: boolean
  rpId?: string
  /** ECDSA P-256, PKCS #8. */
  privateKey: string
  userHandle?: string
  /** -1: no counter, each assertion says 0. */
  signCount: number
  backupEligibility?: boolean
  backupState?: boolean
  userName?: string
  userDisplayName?: string
}

/** What keeps passkeys for a page: its device, or something that is held to it. */
export type PasskeyKeeper = {
  credentials(): Promise<VirtualCredential[]>
  addCredential(credential: VirtualCredential): Promise<void>
  /** Takes every passkey out of it. */
  clear(): Promise<void>
  /** It is taken away. */
  remove(): Promise<void>
}

/** The fingerprint reader of one page, and the passkeys behind it. */
export type VirtualAuthenticator = PasskeyKeeper & {
  /** Whether the fingerprint is the right one, from now on. */
  setUserVerified(isUserVerified: boolean): Promise<void>
  /** Whether somebody touches the reader at once. If not, requests stay pending; touching later does not release them. */
  setPresence(automatic: boolean): Promise<void>
  /** How many passkeys were made or used so far. */
  touches(): number
  readonly devtools: CDPSession
  /** Gives another page (a popup, a payment window, a second phone) the same passkeys, as a synced account would. */
  copyTo(page: Page): Promise<VirtualAuthenticator>
}

export const platformAuthenticator = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

/** Something of the payer's besides the page's own device: a key on their key ring, or the phone in their other hand. */
const roamingAuthenticator = { ...platformAuthenticator, transport: 'usb' } as const

const syncedAuthenticator = {
  ...platformAuthenticator,
  defaultBackupEligibility: true,
  defaultBackupState: true,
} as const

const authenticators = new WeakMap<Page, Promise<VirtualAuthenticator>>()

/**
 * The authenticator of a page. It covers the page's frames as well, but no other page: each popup needs its own.
 * Chromium has at most one built-in authenticator a page, so asking again gives the same one.
 */
export function virtualAuthenticatorOf(page: Page): Promise<VirtualAuthenticator> {
  const authenticator = authenticators.get(page) ?? attachTo(page)
  authenticators.set(page, authenticator)
  return authenticator
}

/** Holds a security key to the page of {@link virtualAuthenticatorOf}. */
export async function securityKeyAt(page: Page): Promise<PasskeyKeeper> {
  const { devtools } = await virtualAuthenticatorOf(page)
  return keeperOf(devtools, await add(devtools, roamingAuthenticator))
}

/** From now on the page's device makes passkeys that its owner's other devices get as well. */
export async function keepsPasskeysInSync(page: Page): Promise<void> {
  const { devtools, remove } = await virtualAuthenticatorOf(page)
  await remove()
  await add(devtools, syncedAuthenticator)
}

async function add(
  devtools: CDPSession,
  options: typeof platformAuthenticator | typeof roamingAuthenticator | typeof syncedAuthenticator,
): Promise<string> {
  return (await devtools.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId
}

const keeperOf = (devtools: CDPSession, authenticatorId: string): PasskeyKeeper => ({
  credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  async addCredential(credential) {
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential })
  },
  async clear() {
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId })
  },
  async remove() {
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  },
})

async function attachTo(page: Page): Promise<VirtualAuthenticator> {
  const devtools = await page.context().newCDPSession(page)
  // With its window for people enabled, a headless browser waits for a click that never comes.
  await devtools.send('WebAuthn.enable', { enableUI: false })
  const authenticatorId = await add(devtools, platformAuthenticator)
  const keeper = keeperOf(devtools, authenticatorId)

  let touches = 0
  const count = () => {
    touches += 1
  }
  devtools.on('WebAuthn.credentialAdded', count)
  devtools.on('WebAuthn.credentialAsserted', count)

  return {
    ...keeper,
    devtools,
    touches: () => touches,
    async setUserVerified(isUserVerified) {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async setPresence(automatic) {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: automatic })
    },
    async copyTo(otherPage) {
      const other = await virtualAuthenticatorOf(otherPage)
      for (const credential of await keeper.credentials()) await other.addCredential(credential)
      return other
    },
  }
}
