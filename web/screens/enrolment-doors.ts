import { passkeyCreationDoor } from '../doors/passkey-creation.ts'
import type { EnrolTools } from '../flows/enrol-run.ts'
import { DoorError } from '../flows/notice.ts'

/** What only an enrolment needs; the seal's cryptography is fetched when a card is there to be sealed. */
export const enrolmentDoors: Pick<EnrolTools, 'creation' | 'sealCard'> = {
  creation: passkeyCreationDoor,
  async sealCard(...sealing) {
    const { sealCard } = await import('../../shared/cardholder/seal.ts').catch((cause: unknown) => {
      throw new DoorError('offline', { cause })
    })
    return sealCard(...sealing)
  },
}
