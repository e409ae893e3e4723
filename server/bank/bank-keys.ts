import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  importKeyPair,
  type KeyPair,
  type KeyUse,
  keyPairFile,
  makePrivateKey,
  makeSecret,
  type Secret,
  secretFile,
} from '../runtime/keys.ts'

export type BankKeys = {
  /** ES256: signs answers. */
  readonly signing: KeyPair
  /** ECDH-ES: open what browsers seal. The current one first; older ones still open. */
  readonly sealing: readonly KeyPair[]
  /** A256GCM: the bank's card records and stored card numbers. The current one first. */
  readonly records: readonly Secret[]
  /** HMAC-SHA-256: card numbers and codes are found and compared by keyed hash. */
  readonly lookup: Secret
}

/**
 * Reads the bank's keys from a directory of its own, or makes them on first start, with mode 0600.
 * To rotate, put a file with the next number beside the old one (`sealing-2.json`): the highest number is the current key.
 * @throws {StartupError}
 */
export async function bankKeysIn(directory: string): Promise<BankKeys> {
  return {
    signing: await keyPairFile(join(directory, 'signing.json'), 'ES256'),
    sealing: await everyKey(directory, 'sealing', (path) => keyPairFile(path, 'ECDH-ES')),
    records: await everyKey(directory, 'record', secretFile),
    lookup: await secretFile(join(directory, 'lookup.json')),
  }
}

/** Keys that live as long as the process. */
export async function makeBankKeys(): Promise<BankKeys> {
  const pair = async (use: KeyUse) => importKeyPair(await makePrivateKey(use), use)
  return {
    signing: await pair('ES256'),
    sealing: [await pair('ECDH-ES')],
    records: [makeSecret()],
    lookup: makeSecret(),
  }
}

async function everyKey<Key>(directory: string, name: string, read: (path: string) => Promise<Key>): Promise<Key[]> {
  const pattern = new RegExp(`^${name}-([1-9][0-9]*)\\.json$`)
  const files = await readdir(directory).catch(() => [])
  const numbers = files.flatMap((file) => pattern.exec(file)?.[1] ?? []).map(Number)
  const newestFirst = numbers.length === 0 ? [1] : numbers.sort((left, right) => right - left)
  return Promise.all(newestFirst.map((number) => read(join(directory, `${name}-${number}.json`))))
}
