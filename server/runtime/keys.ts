import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { z } from 'zod'
import { base64url, bytesOfBase64url } from '../../shared/bytes.ts'
import { type RandomBytes, systemRandom } from './room.ts'
import { StartupError } from './startup-error.ts'

const publicEcKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
})
const privateEcKey = publicEcKey.extend({ d: z.string() })
/** A public P-256 key with its name (RFC 7517); the name is its thumbprint (RFC 7638). */
export type PublicKey = z.output<typeof publicEcKey>
/** Both halves, as kept in a file of mode 0600. */
export type PrivateKey = z.output<typeof privateEcKey>

/** A key pair in memory, imported once. */
export type KeyPair = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicJwk: PublicKey }
export type KeyUse = 'ES256' | 'ECDH-ES'

/** A symmetric key, imported once, and the id that is stored beside whatever it encrypted. */
export type Secret = { readonly id: string; readonly key: KeyObject }

export async function makePrivateKey(use: KeyUse): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair(use, { crv: 'P-256', extractable: true })
  const jwk = await exportJWK(privateKey)
  return privateEcKey.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk) })
}

export async function importKeyPair(jwk: PrivateKey, use: KeyUse): Promise<KeyPair> {
  return { kid: jwk.kid, privateKey: await importEcKey(jwk, use), publicJwk: publicEcKey.parse(jwk) }
}

export async function importPublicKey(jwk: PublicKey, use: KeyUse): Promise<CryptoKey> {
  return importEcKey(publicEcKey.parse(jwk), use)
}

async function importEcKey(jwk: PublicKey | PrivateKey, use: KeyUse): Promise<CryptoKey> {
  const key = await importJWK(jwk, use)
  if (key instanceof Uint8Array) throw new StartupError('An elliptic curve key was expected.')
  return key
}

export const makeSecret = (random: RandomBytes = systemRandom): Secret => ({
  id: base64url(random(6)),
  key: createSecretKey(random(32)),
})

/** Reads a key pair, or makes it on first start. @throws {StartupError} */
export async function keyPairFile(path: string, use: KeyUse): Promise<KeyPair> {
  const text = await readOrMake(path, async () => JSON.stringify(await makePrivateKey(use)))
  return importKeyPair(parseKeyFile(path, text, privateEcKey), use)
}

/** Reads a key pair that a room has made. @throws {StartupError} where there is none */
export async function existingKeyPairFile(path: string, use: KeyUse): Promise<KeyPair> {
  return importKeyPair(parseKeyFile(path, await readExisting(path), privateEcKey), use)
}

/** Reads a secret that a room has made. @throws {StartupError} where there is none */
export async function existingSecretFile(path: string): Promise<Secret> {
  return secretIn(path, await readExisting(path))
}

const readExisting = (path: string): Promise<string> =>
  readPrivate(path).catch((cause: unknown) => {
    if (cause instanceof StartupError) throw cause
    throw new StartupError(`The key ${path} cannot be read.`, { cause })
  })

const secretFileSchema = z.object({ id: z.string().min(1), key: z.string().length(43) })
/** Reads a 32-byte secret, or makes it on first start. @throws {StartupError} */
export async function secretFile(path: string): Promise<Secret> {
  const text = await readOrMake(path, async () => {
    const { id, key } = makeSecret()
    return JSON.stringify({ id, key: base64url(key.export()) })
  })
  return secretIn(path, text)
}

function secretIn(path: string, text: string): Secret {
  const { id, key } = parseKeyFile(path, text, secretFileSchema)
  return { id, key: createSecretKey(bytesOfBase64url(key)) }
}

const textSecretCharactersMin = 16

/** Reads a text secret such as an API key, or keeps the one made now. @throws {StartupError} also where it is none */
export async function textSecretFile(path: string, make: () => string): Promise<string> {
  const secret = (await readOrMake(path, async () => make())).trim()
  if (secret.length >= textSecretCharactersMin) return secret
  throw new StartupError(
    `${path} must hold a secret of at least ${textSecretCharactersMin} characters: delete it, and a new one is made at the next start.`,
  )
}

/** Another room's public keys, pinned: `{ "keys": [JWK, …] }` (RFC 7517 §5). @throws {StartupError} */
export async function pinnedKeysFile(path: string): Promise<PublicKey[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartupError(`The public keys in ${path} cannot be read.`, { cause })
  })
  return parseKeyFile(path, text, z.object({ keys: z.array(publicEcKey).min(1) })).keys
}

export async function writePublicKeys(path: string, keys: PublicKey[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify({ keys }, null, 2)}\n`)
}

function parseKeyFile<S extends z.ZodType>(path: string, text: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    // The cause is left out: it would quote the key.
    throw new StartupError(
      `${path} is damaged. Restore it from a backup; a new key cannot open what the old one closed.`,
    )
  }
}

async function readOrMake(path: string, make: () => Promise<string>): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await makeOnce(path, make)
    return await readPrivate(path)
  } catch (cause) {
    if (cause instanceof StartupError) throw cause
    throw new StartupError(`The key file ${path} can neither be read nor made.`, { cause })
  }
}

async function readPrivate(path: string): Promise<string> {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) throw new StartupError(`${path} can be read by others. Make it private: chmod 600 ${path}`)
  return readFile(path, 'utf8')
}

/** Appears whole or not at all, and two processes that start at once end up with the same key. */
async function makeOnce(path: string, make: () => Promise<string>): Promise<void> {
  if (await exists(path)) return
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, await make(), { mode: 0o600, flag: 'wx' })
  await chmod(draft, 0o600) // the process's umask may have taken more than we asked, never less than owner-only
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
