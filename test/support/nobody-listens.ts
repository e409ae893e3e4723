import type { Egress } from '../../server/runtime/egress.ts'

/** The way to merchants' servers, where a story has none. */
export const nobodyListens: Egress<string | Uint8Array> = async () => ({ failure: 'name-unknown' })
