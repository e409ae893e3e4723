import { base64url, bytesOfBase64url } from '../../../shared/bytes.ts'
import type { PayerPseudonym } from '../../../shared/identifiers.ts'
import type {
  AddPasskeyIntent,
  CloseAccountIntent,
  MakePasskeyIntent,
  RemovePasskeyIntent,
} from '../../../shared/intent.ts'
import { createdThumbprint } from '../../../shared/passkey.ts'
import type { Configuration, ListedPasskey } from '../../../shared/wire/payment-api.ts'
import type { NewPasskey, PasskeyCreationDoor, Registration } from '../../../web/doors/passkey-creation.ts'
import { softwareAuthenticator } from '../../support/authenticator.ts'
import { seededRandom } from '../../support/seeded-random.ts'

export const configuration: Configuration = {
  relyingParty: { id: 'pay.example', name: 'Moniker' },
  bank: { name: 'Bank', sealingKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'kid' } },
}

export const thumbprintNumbered = (number: number): string => base64url(new Uint8Array(32).fill(number))

export const passkeyNumbered = (number: number, change: Partial<ListedPasskey> = {}): ListedPasskey => ({
  credentialId: `id-${number}`,
  thumbprint: thumbprintNumbered(number),
  nickname: null,
  keeper: null,
  createdAtMs: number,
  lastUsedAtMs: null,
  isSynced: true,
  isOfSession: number === 1,
  isToldToBank: true,
  ...change,
})

const stamp = {
  v: 1,
  nonce: 'A'.repeat(43),
  notAfter: 1,
  payer: 'pp_AAAAAAAAAAAAAAAAAAAAAA' as PayerPseudonym,
} as const
export const makingIntent: MakePasskeyIntent = {
  ...stamp,
  purpose: 'make-passkey',
  userHandle: 'AAAAAAAAAAAAAAAAAAAAAA',
}
export const vouchingIntent = (passkey: string): AddPasskeyIntent => ({ ...stamp, purpose: 'add-passkey', passkey })
export const closingIntent: CloseAccountIntent = { ...stamp, purpose: 'close-account' }
export const removalIntent = (passkey: string): RemovePasskeyIntent => ({
  ...stamp,
  purpose: 'remove-passkey',
  passkey,
})

/** A device that really makes passkeys. */
export function newDevice(seed: string) {
  const device = softwareAuthenticator({
    random: seededRandom(seed),
    origin: 'https://pay.example',
    rpId: 'pay.example',
    synced: true,
  })
  const made: Registration[] = []
  const asked: NewPasskey[] = []
  const forgotten: string[] = []
  const creation: PasskeyCreationDoor = {
    payments: async () => true,
    async create(passkey) {
      asked.push(passkey)
      const user = { id: passkey.userHandle, name: passkey.username }
      const response = await device.create({ challenge: passkey.challenge, user })
      made.push(response)
      return response
    },
    async forget(_relyingParty, credentialId) {
      forgotten.push(credentialId)
    },
  }
  /** Of the passkey it has made last. */
  const thumbprint = async (): Promise<string> =>
    createdThumbprint(made.at(-1)?.response.authenticatorData ?? base64url(new Uint8Array(0)))
  return { creation, made, asked, forgotten, thumbprint }
}

/** What a device says to another: see `web/flows/join-proof.ts`. */
export const joinKey = base64url(bytesOfBase64url('AQIDBAUGBwgJCgsMDQ4PEA'))
