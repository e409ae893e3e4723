import { createHash } from 'node:crypto'
import type { RandomBytes } from '../../server/runtime/room.ts'
import { concat } from '../../shared/bytes.ts'

/**
 * Bytes that look random and come out the same for the same seed, so that a failing run can be repeated.
 * SHA-256 over seed and a counter. For tests only: who knows the seed knows the bytes.
 */
export function seededRandom(seed: string): RandomBytes {
  let blocksDrawn = 0
  const nextBlock = () => createHash('sha256').update(`${seed}\0${blocksDrawn++}`).digest()
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, nextBlock)
    return concat(...blocks).slice(0, length)
  }
}
