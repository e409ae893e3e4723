import type { z } from 'zod'
import type {
  makeRecoveryCodeIntentAnswer,
  makeRecoveryCodeRequest,
  nameRecoverySchema,
  Payer,
  recoverNameAnswer,
  recoverNameIntentAnswer,
  recoverNameIntentRequest,
  recoverNameRequest,
  recoveryAnswer,
  recoveryCodeAnswer,
  reportLossRequest,
  undoRecoveryIntentAnswer,
  undoRecoveryIntentRequest,
  undoRecoveryRequest,
} from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** For the day a phone is lost. Each may fail with a `DoorError`. */
export interface RecoveryClient {
  standing(): Promise<z.output<typeof recoveryAnswer>>
  codeIntent(): Promise<z.output<typeof makeRecoveryCodeIntentAnswer>>
  makeCode(request: z.input<typeof makeRecoveryCodeRequest>): Promise<z.output<typeof recoveryCodeAnswer>>
  /** By anybody who has the code, on any device. */
  reportLoss(request: z.input<typeof reportLossRequest>): Promise<void>
  /** The same, and gets the name back: with a passkey that is made now, once the bank has heard its cardholder. */
  nameIntent(request: z.input<typeof recoverNameIntentRequest>): Promise<z.output<typeof recoverNameIntentAnswer>>
  recoverName(request: z.input<typeof recoverNameRequest>): Promise<z.output<typeof recoverNameAnswer>>
  nameStanding(secret: string): Promise<z.output<typeof nameRecoverySchema>>
  /** By a passkey of before. */
  undoingIntent(request: z.input<typeof undoRecoveryIntentRequest>): Promise<z.output<typeof undoRecoveryIntentAnswer>>
  undo(request: z.input<typeof undoRecoveryRequest>): Promise<Payer>
}

export const recoveryClient = (ask: Ask): RecoveryClient => ({
  standing: () => ask('GET', '/api/recovery'),
  codeIntent: () => ask('POST', '/api/recovery/code/intent', {}),
  makeCode: (request) => ask('POST', '/api/recovery/code', request),
  reportLoss: (request) => ask('POST', '/api/recovery/loss', request),
  nameIntent: (request) => ask('POST', '/api/recovery/name/intent', request),
  recoverName: (request) => ask('POST', '/api/recovery/name', request),
  nameStanding: (secret) => ask('POST', '/api/recovery/name/standing', { secret }),
  undoingIntent: (request) => ask('POST', '/api/recovery/undoing/intent', request),
  undo: (request) => ask('POST', '/api/recovery/undoing', request),
})
