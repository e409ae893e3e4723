import { passkeyCreationDoor } from '../doors/passkey-creation.ts'
import type { EnrolTools } from '../flows/enrol-run.ts'

/** What only an enrolment needs; the seal's cryptography is fetched when a card is there to be sealed. */
export const enrolmentDoors: Pick<EnrolTools, 'creation' | 'sealCard'> = {
  creation: passkeyCreationDoor,
  sealCard: async (...sealing) => (await import('../../shared/cardholder/seal.ts')).sealCard(...sealing),
}
