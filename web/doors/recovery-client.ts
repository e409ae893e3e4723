import type { z } from 'zod'
import type {
  makeRecoveryCodeIntentAnswer,
  makeRecoveryCodeRequest,
  recoveryAnswer,
  recoveryCodeAnswer,
  reportLossRequest,
} from '../../shared/wire/payment-api.ts'
import type { Ask } from './payment-client.ts'

/** For the day a phone is lost. Each may fail with a `DoorError`. */
export interface RecoveryClient {
  standing(): Promise<z.output<typeof recoveryAnswer>>
  codeIntent(): Promise<z.output<typeof makeRecoveryCodeIntentAnswer>>
  makeCode(request: z.input<typeof makeRecoveryCodeRequest>): Promise<z.output<typeof recoveryCodeAnswer>>
  /** By anybody who has the code, on any device. */
  reportLoss(request: z.input<typeof reportLossRequest>): Promise<void>
}

export const recoveryClient = (ask: Ask): RecoveryClient => ({
  standing: () => ask('GET', '/api/recovery'),
  codeIntent: () => ask('POST', '/api/recovery/code/intent', {}),
  makeCode: (request) => ask('POST', '/api/recovery/code', request),
  reportLoss: (request) => ask('POST', '/api/recovery/loss', request),
})
