import { Problem } from '../../../../shared/problem.ts'
import type { Username } from '../../../../shared/username.ts'
import { hasRestrictedCharacter } from './identifier-status.ts'
import { isReserved } from './reserved.ts'

/**
 * Whether a newcomer may ask for this name at all; whether somebody has it, or one that looks like it, the store knows.
 * @throws {Problem} `username-malformed` (characters outside the general security profile), `username-reserved`
 * @see UTS #39 §3.1
 */
export function assertClaimable(username: Username): void {
  if (hasRestrictedCharacter(username)) throw new Problem('username-malformed')
  if (isReserved(username)) throw new Problem('username-reserved')
}
