import type { Username } from '../../../../shared/username.ts'
import { allowedCodePoints } from './unicode-identifier-status.ts'

/** UTS #39 §3: obsolete, technical and uncommon characters are letters too, and hardly anybody can tell them apart. */
export const hasRestrictedCharacter = (username: Username): boolean =>
  [...username].some((character) => !isAllowed(character.codePointAt(0) ?? 0))

const ranges = allowedCodePoints
  .trim()
  .split(/\s/)
  .map((range) => range.split('..').map((codePoint) => Number.parseInt(codePoint, 16)))
  .map(([first = 0, last = first]) => ({ first, last }))

const isAllowed = (codePoint: number): boolean =>
  ranges.some(({ first, last }) => first <= codePoint && codePoint <= last)
