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
  /** Those that signed answers before it, the newest first: they are told as well, so that what they have signed verifies. */
  readonly formerSigning: readonly KeyPair[]
  /** Those that signed answers once and are told no more, the newest first. A simulator keeps them, to misbehave with. */
  readonly retiredSigning: readonly KeyPair[]
  /** ECDH-ES: open what browsers seal. The current one first; older ones still open. */
  readonly sealing: readonly KeyPair[]
  /** A256GCM: the bank's card records and stored card numbers. The current one first. */
  readonly records: readonly Secret[]
  /** HMAC-SHA-256: card numbers and codes are found and compared by keyed hash. */
  readonly lookup: Secret
}

/**
 * Reads the bank's keys from a directory of its own, or makes them on first start, with mode 0600.
 *
 * To rotate, put a file with the next number beside the old one (`sealing-2.json`, made in another directory as this one's were) and
 * start the bank again: the highest number is the current key. A payment server knows the keys that were told when it started: where it
 * is another process, start it again too. Until then answers under a new signing key count as missing, and are asked for again.
 *
 * A signing key that is not current is still told, and the receipts of what it signed still verify, until its file is taken away. A
 * simulator may keep it as `retired-signing-1.json`; it makes one at its first start, for the answer under an old key that it gives when
 * told to misbehave.
 * @throws {StartupError}
 */
export async function bankKeysIn(directory: string, isSimulator: boolean): Promise<BankKeys> {
  const keyPairs = (name: string, use: KeyUse, firstNumber = 1) =>
    everyKey(directory, name, firstNumber, (path) => keyPairFile(path, use))
  const [signing, ...formerSigning] = await keyPairs('signing', 'ES256')
  return {
    signing,
    formerSigning,
    retiredSigning: isSimulator ? await keyPairs('retired-signing', 'ES256', 0) : [],
    sealing: await keyPairs('sealing', 'ECDH-ES'),
    records: await everyKey(directory, 'record', 1, secretFile),
    lookup: await secretFile(join(directory, 'lookup.json')),
  }
}

/** Keys that live as long as the process. */
export async function makeBankKeys(): Promise<BankKeys> {
  const pair = async (use: KeyUse) => importKeyPair(await makePrivateKey(use), use)
  return {
    signing: await pair('ES256'),
    formerSigning: [],
    retiredSigning: [await pair('ES256')],
    sealing: [await pair('ECDH-ES')],
    records: [makeSecret()],
    lookup: makeSecret(),
  }
}

/** @param firstNumber of the file that is made where there is none */
async function everyKey<Key>(
  directory: string,
  name: string,
  firstNumber: number,
  read: (path: string) => Promise<Key>,
): Promise<readonly [Key, ...Key[]]> {
  const [newest = `${name}-${firstNumber}.json`, ...older] = await filesOf(directory, name)
  return [await read(join(directory, newest)), ...(await Promise.all(older.map((file) => read(join(directory, file)))))]
}

/** The highest number first. A name without one, as the signing key had before there could be several, counts as one. */
async function filesOf(directory: string, name: string): Promise<string[]> {
  const pattern = new RegExp(`^${name}(-(?<number>0|[1-9][0-9]*))?\\.json$`)
  const files = await readdir(directory).catch(() => [])
  const numbered = files.flatMap((file) => {
    const match = pattern.exec(file)
    return match === null ? [] : [{ file, number: Number(match.groups?.number ?? 1) }]
  })
  return numbered.sort((left, right) => right.number - left.number).map(({ file }) => file)
}
