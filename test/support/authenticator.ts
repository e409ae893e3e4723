import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
} from 'node:crypto'
import { promisify } from 'node:util'
import { base64url, bytesOfBase64url, concat, utf8 } from '../../shared/bytes.ts'
import {
  type AuthenticationResponse,
  authenticationResponseSchema,
  type RegistrationResponse,
  registrationResponseSchema,
} from '../../shared/evidence.ts'
import { encodeCbor } from './cbor.ts'
import { bytesOfInteger, decodeIntegerPair, encodeIntegerPair } from './der.ts'

/** COSE algorithm numbers: ES256 and RS256 (RFC 9053 §2.1, RFC 8812 §2). */
export type Algorithm = -7 | -257

type AuthenticatorOptions = {
  /** Where credential ids and P-256 keys come from. Two devices must not share a seed: their passkeys would be twins. */
  random: (bytes: number) => Uint8Array
  /** Of the page that asks, such as `http://pay.localhost:4800`. */
  origin: string
  rpId: string
  /** A passkey that other devices of its owner have too: backed up, and its counter stays zero. Default: bound to this device. */
  synced?: boolean
}

/** What a broken or hostile browser or device would send instead. Each deviation is there to be refused. */
type Deviations = {
  /** Of the client data. */
  type?: string
  origin?: string
  crossOrigin?: boolean
  topOrigin?: string
  /** All of it, as text: names something twice, spells it otherwise. */
  rewrite?: (clientData: string) => string
  /** Whose hash the authenticator data carries. */
  rpId?: string
  userPresent?: boolean
  userVerified?: boolean
  backupEligible?: boolean
  backedUp?: boolean
  counter?: number
}

export type CreateRequest = Deviations & {
  challenge: Uint8Array
  /** `id` is the user handle, base64url. */
  user: { id: string; name: string }
  /** Default ES256. */
  algorithm?: Algorithm
  /** Instead of 16 random bytes: an id that somebody else has, or one that is too long. */
  credentialId?: Uint8Array
  /** A member that no passkey's key has (WebAuthn L3 §6.5.1.1): the `kid` of RFC 9052 §7.1. */
  keyId?: Uint8Array
}

export type GetRequest = Deviations & {
  challenge: Uint8Array
  /** base64url. Absent or empty: the passkey made last, as a person would pick it from the list. */
  allowCredentials?: readonly string[]
  /** What Secure Payment Confirmation adds to the client data, together with the type `payment.get`. */
  payment?: Readonly<Record<string, unknown>>
  /** A well-formed signature by the right key over something else. */
  bogusSignature?: boolean
  /** Another user's handle, base64url, or `null` for none. */
  userHandle?: string | null
  /** The id of another passkey, put in place of the one that signed. */
  reportedCredentialId?: string
}

export type SoftwareAuthenticator = {
  /** `navigator.credentials.create()`: makes a discoverable passkey. Attestation `none`. */
  create(request: CreateRequest): Promise<RegistrationResponse>
  /**
   * `navigator.credentials.get()`.
   * @throws {DOMException} `NotAllowedError` where none of the passkeys asked for is on this device
   */
  get(request: GetRequest): AuthenticationResponse
}

type Passkey = { id: string; userHandle: string; privateKey: KeyObject; signatures: number }

const aaguid = bytesOfBase64url('bW9uaWtlci10ZXN0LWtleQ')
/** WebAuthn L3 §6.1. */
const flag = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attestedData: 0x40,
} as const

/**
 * A passkey device in software: real keys, real signatures, a person who always agrees.
 * @see WebAuthn L3 §6.3 (what an authenticator does), §5.8.1 (client data)
 */
export function softwareAuthenticator(options: AuthenticatorOptions): SoftwareAuthenticator {
  const passkeys: Passkey[] = []

  function choose(allowed: readonly string[]): Passkey {
    const passkey = passkeys.findLast(({ id }) => allowed.length === 0 || allowed.includes(id))
    if (!passkey) throw new DOMException('No passkey of this device was asked for.', 'NotAllowedError')
    return passkey
  }

  return {
    async create(request) {
      const { privateKey, coseKey } = await (request.algorithm === -257 ? rsaKey() : ellipticKey(options.random(32)))
      if (request.keyId !== undefined) coseKey.set(2, request.keyId)
      const credentialId = request.credentialId ?? options.random(16)
      const id = base64url(credentialId)
      passkeys.push({ id, userHandle: request.user.id, privateKey, signatures: 0 })
      const attested = concat(aaguid, bigEndian(credentialId.length, 2), credentialId, encodeCbor(coseKey))
      const authenticatorData = concat(authenticatorDataHead(options, request, 0, flag.attestedData), attested)
      return registrationResponseSchema.parse({
        ...credentialFields(id),
        response: {
          attestationObject: base64url(attestationObject(authenticatorData)),
          clientDataJSON: base64url(clientData('webauthn.create', options, request)),
          transports: ['internal'],
          publicKeyAlgorithm: request.algorithm ?? -7,
          publicKey: base64url(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })),
          authenticatorData: base64url(authenticatorData),
        },
      })
    },

    get(request) {
      const passkey = choose(request.allowCredentials ?? [])
      passkey.signatures += 1
      const authenticatorData = authenticatorDataHead(options, request, options.synced ? 0 : passkey.signatures, 0)
      const clientDataJSON = clientData('webauthn.get', options, request, request.payment)
      const signed = request.bogusSignature ? utf8('something else') : concat(authenticatorData, sha256(clientDataJSON))
      const { userHandle = passkey.userHandle } = request
      return authenticationResponseSchema.parse({
        ...credentialFields(request.reportedCredentialId ?? passkey.id),
        response: {
          authenticatorData: base64url(authenticatorData),
          clientDataJSON: base64url(clientDataJSON),
          signature: base64url(sign('sha256', signed, passkey.privateKey)),
          userHandle,
        },
      })
    },
  }
}

const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/**
 * The other signature that the same key and message make valid: (r, n − s) for (r, s).
 * @param signature of ES256, base64url DER, as a response carries it
 * @see SEC 1 §4.1.4; FIPS 186-5 does not ask for the lower s
 */
export function twinOf(signature: string): string {
  const [r, s] = decodeIntegerPair(bytesOfBase64url(signature))
  return base64url(encodeIntegerPair([r, curveOrder - s]))
}

const credentialFields = (id: string) => ({
  id,
  rawId: id,
  type: 'public-key',
  authenticatorAttachment: 'platform',
  clientExtensionResults: {},
})

/** WebAuthn L3 §5.8.1.1: the members in this order, `topOrigin` only in a frame of another origin. */
function clientData(
  type: string,
  options: AuthenticatorOptions,
  request: Deviations & { challenge: Uint8Array },
  payment?: Readonly<Record<string, unknown>>,
) {
  const { rewrite = (text: string) => text } = request
  return utf8(
    rewrite(
      JSON.stringify({
        type: request.type ?? type,
        challenge: base64url(request.challenge),
        origin: request.origin ?? options.origin,
        crossOrigin: request.crossOrigin ?? false,
        topOrigin: request.topOrigin,
        payment,
      }),
    ),
  )
}

/** WebAuthn L3 §6.1: hash of the RP id, flags, counter. */
function authenticatorDataHead(
  options: AuthenticatorOptions,
  request: Deviations,
  counter: number,
  extraFlags: number,
) {
  const synced = options.synced ?? false
  const { userPresent = true, userVerified = true, backupEligible = synced, backedUp = synced } = request
  const flags =
    extraFlags |
    (userPresent ? flag.userPresent : 0) |
    (userVerified ? flag.userVerified : 0) |
    (backupEligible ? flag.backupEligible : 0) |
    (backedUp ? flag.backedUp : 0)
  return concat(
    sha256(utf8(request.rpId ?? options.rpId)),
    Uint8Array.of(flags),
    bigEndian(request.counter ?? counter, 4),
  )
}

/** WebAuthn L3 §8.7: attestation `none` says nothing, in an empty map. */
const attestationObject = (authenticatorData: Uint8Array) =>
  encodeCbor(
    new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map<string, string>()],
      ['authData', authenticatorData],
    ]),
  )

/** RFC 9053 §7.1.1: kty EC2, alg ES256, curve P-256, x, y. */
function ellipticKey(secret: Uint8Array) {
  const keyAgreement = createECDH('prime256v1')
  keyAgreement.setPrivateKey(secret)
  const point = new Uint8Array(keyAgreement.getPublicKey())
  const x = point.subarray(1, 33)
  const y = point.subarray(33)
  // Import of a JWK is safe; it is the export of a freshly generated pair that can hang.
  const jwk = { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y), d: base64url(secret) }
  const coseKey = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, x],
    [-3, y],
  ])
  return { privateKey: createPrivateKey({ key: jwk, format: 'jwk' }), coseKey }
}

/** RFC 8230 §4: kty RSA, alg RS256, n, e. */
async function rsaKey() {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  const [modulus, exponent] = decodeIntegerPair(publicKey)
  const coseKey = new Map<number, number | Uint8Array>([
    [1, 3],
    [3, -257],
    [-1, bytesOfInteger(modulus)],
    [-2, bytesOfInteger(exponent)],
  ])
  return { privateKey: createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }), coseKey }
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

function bigEndian(value: number, bytes: 2 | 4): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => value >>> (8 * (bytes - 1 - index)))
}
