import type { RandomBytes } from '../../server/runtime/room.ts'

/** Every choice of a run. The same seed makes the same choices in the same order. */
export type Dice = {
  /** @returns a whole number from 0 to `count - 1` */
  below(count: number): number
  /** @returns a whole number from `least` to `most`, both included */
  between(least: number, most: number): number
  /** @param probability from 0 to 1 */
  chance(probability: number): boolean
  /** @throws {RangeError} where there is nothing to choose from */
  pick<T>(choices: readonly T[]): T
  bytes: RandomBytes
  /** Dice of their own: how often one is thrown does not change what the other shows. */
  fork(name: string): Dice
}

/** Thrown often, so quick: sfc32 (Chris Doty-Humphrey, PractRand), keyed by a hash of the seed. Not for secrets. */
export function diceOf(seed: string): Dice {
  const throwOnce = generator(seed)
  const below = (count: number): number => Math.floor((throwOnce() / 2 ** 32) * count)
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => throwOnce() < probability * 2 ** 32,
    pick(choices) {
      const [chosen] = choices.slice(below(choices.length))
      if (chosen === undefined) throw new RangeError('nothing to choose from')
      return chosen
    },
    bytes: (length) => Uint8Array.from({ length }, () => throwOnce() >>> 24),
    fork: (name) => diceOf(`${seed}/${name}`),
  }
}

function generator(seed: string): () => number {
  let [a, b, c, counter] = [hashOf(seed, 1), hashOf(seed, 2), hashOf(seed, 3), 1]
  function next(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // The first throws still show how alike two seeds are.
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next()
  return next
}

/** FNV-1a, 32 bits. */
function hashOf(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash | 0
}
