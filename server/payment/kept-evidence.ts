import { z } from 'zod'
import { assertionSchema } from '../../shared/evidence.ts'
import { payIntentSchema } from '../../shared/wire/intent-schema.ts'

const proof = assertionSchema.pick({ authenticatorData: true, clientDataJSON: true, signature: true })
// Not strict: of payments of before the whole question was kept.
const keptSchema = z.object({ evidence: z.object({ intent: payIntentSchema, assertion: z.object(proof.shape) }) })
export type KeptEvidence = z.output<typeof keptSchema>['evidence']

/**
 * What stays of the question to the bank: what proves the payment, and nothing of the card or of the passkey. A card that is removed shall be
 * gone, and so shall be who had an account that is closed.
 */
export const evidenceToKeep = ({ intent, assertion }: KeptEvidence): string => {
  const { authenticatorData, clientDataJSON, signature } = assertion
  const kept: KeptEvidence = { intent, assertion: { authenticatorData, clientDataJSON, signature } }
  return JSON.stringify({ evidence: kept })
}

export const keptEvidence = (text: string): KeptEvidence => keptSchema.parse(JSON.parse(text)).evidence

/** Of what was kept before, which was the whole question, what is kept today. What says nothing of this stays as it is. */
export function evidenceAlone(text: string): string {
  const { data, success } = keptSchema.safeParse(JSON.parse(text))
  return success ? evidenceToKeep(data.evidence) : text
}
