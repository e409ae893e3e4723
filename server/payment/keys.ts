import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  existingKeyPairFile,
  existingSecretFile,
  importKeyPair,
  type KeyPair,
  keyPairFile,
  makePrivateKey,
  makeSecret,
  type Secret,
  secretFile,
} from '../runtime/keys.ts'
import { StartupError } from '../runtime/startup-error.ts'

export type PaymentKeys = {
  /** ES256, for messages to the bank. */
  readonly signing: KeyPair
  /** Tags the nonces of intents, so that issuing one writes nothing. */
  readonly intents: Secret
  /** Finds usernames and their skeletons without storing them readably. Losing it loses every name. */
  readonly names: Secret
  /** Makes payers' pseudonyms, the ids of cards, and decoys for names nobody has. */
  readonly pseudonyms: Secret
  /** ES256: what push services know us by (RFC 8292). With another one every browser has to subscribe anew. */
  readonly push: KeyPair
  /** AES-256-GCM; the current one first, the others only open. */
  readonly atRest: readonly Secret[]
}

/**
 * Reads a room's keys from its directory, or makes them on first start. A file `at-rest-2.json` beside `at-rest-1.json` takes
 * over as the current key at rest: the highest number closes, all of them open.
 * @throws {StartupError}
 */
export async function paymentKeysIn(directory: string): Promise<PaymentKeys> {
  await makeDirectory(directory)
  return {
    signing: await keyPairFile(signingFileIn(directory), 'ES256'),
    intents: await secretFile(join(directory, 'intents.json')),
    names: await secretFile(join(directory, 'names.json')),
    pseudonyms: await secretFile(join(directory, 'pseudonyms.json')),
    push: await keyPairFile(join(directory, 'push.json'), 'ES256'),
    atRest: await atRestKeysIn(directory),
  }
}

const signingFileIn = (directory: string): string => join(directory, 'signing.json')

/** What the payment server signs its messages with, for a program beside it. @throws {StartupError} where it has none yet */
export const signingKeyIn = (directory: string): Promise<KeyPair> =>
  existingKeyPairFile(signingFileIn(directory), 'ES256')

/** What it takes to rotate what is kept, for a program beside the payment server. @throws {StartupError} where there is none yet */
export async function resealingKeysIn(directory: string): Promise<Pick<PaymentKeys, 'signing' | 'atRest'>> {
  return { signing: await signingKeyIn(directory), atRest: await existingAtRestKeysIn(directory) }
}

/** What opens what is kept, for a program beside the payment server. @throws {StartupError} where there is none yet */
export async function existingAtRestKeysIn(directory: string): Promise<Secret[]> {
  const files = await atRestFilesIn(directory).catch((cause: unknown) => {
    throw new StartupError(`The keys in ${directory} cannot be read.`, { cause })
  })
  return Promise.all(files.map(existingSecretFile))
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartupError(`The keys cannot be kept in ${directory}: make it a directory that is writable.`, { cause })
  }
}

async function atRestKeysIn(directory: string): Promise<Secret[]> {
  const files = await atRestFilesIn(directory)
  const first = join(directory, 'at-rest-1.json')
  return Promise.all((files.length === 0 ? [first] : files).map(secretFile))
}

/** The newest first. */
async function atRestFilesIn(directory: string): Promise<string[]> {
  const numbers = (await readdir(directory)).flatMap((name) => {
    const number = /^at-rest-([1-9][0-9]{0,5})\.json$/.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
  return numbers.sort((left, right) => right - left).map((number) => join(directory, `at-rest-${number}.json`))
}

/** Keys that live as long as the process. */
export async function makePaymentKeys(): Promise<PaymentKeys> {
  return {
    signing: await importKeyPair(await makePrivateKey('ES256'), 'ES256'),
    intents: makeSecret(),
    names: makeSecret(),
    pseudonyms: makeSecret(),
    push: await importKeyPair(await makePrivateKey('ES256'), 'ES256'),
    atRest: [makeSecret()],
  }
}
