import { z } from 'zod'
import { identifierPattern, type PayerId } from '../../../shared/identifiers.ts'

/** For rows: a payer's id leaves this server in no message. */
export const payerIdSchema = z
  .string()
  .regex(identifierPattern('payer'))
  .transform((id) => id as PayerId)
