import type { z } from 'zod'
import { identifier, identifierRandomBytes } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import type { createPaymentRequest, Lines } from '../../shared/wire/merchant-api.ts'
import { isLoopback } from '../runtime/peer.ts'
import type { Tools } from '../runtime/room.ts'
import type { Caller } from './api-key-store.ts'
import type { Payment } from './payment-record.ts'
import type { PaymentStore } from './payment-store.ts'

type Requested = z.output<typeof createPaymentRequest>

const openSecondsByDefault = 30 * 60

/** A merchant asks for money: a payment is born. */
export function requester(payments: PaymentStore, { clock, random }: Tools, options: { takesTestPayments: boolean }) {
  /** @throws {Problem} `url-refused`, `lines-mismatch`, `test-mode-missing` */
  return async function request(merchant: Caller, asked: Requested): Promise<Payment> {
    if (merchant.mode === 'test' && !options.takesTestPayments) throw new Problem('test-mode-missing')
    const id = identifier('payment', random(identifierRandomBytes))
    const payment = {
      id,
      merchantId: merchant.id,
      mode: merchant.mode,
      amount: asked.amount,
      reference: asked.reference,
      description: asked.description ?? null,
      lines: linesOf(asked),
      metadata: asked.metadata ?? {},
      successUrl: ownUrl(merchant, asked.successUrl),
      cancelUrl: ownUrl(merchant, asked.cancelUrl),
      capture: asked.capture ?? 'automatic',
      expiresAtMs: clock.nowMs() + (asked.expiresInSeconds ?? openSecondsByDefault) * 1000,
    }
    await payments.create(payment)
    return payments.get(id)
  }
}
export type RequestPayment = ReturnType<typeof requester>

/** What the payer reads must be what they pay. @throws {Problem} `lines-mismatch` */
function linesOf({ lines = [], amount }: Requested): Lines {
  const sumMinor = lines.reduce((sum, { quantity, unitAmountMinor }) => sum + quantity * unitAmountMinor, 0)
  if (lines.length > 0 && sumMinor !== amount.minor) throw new Problem('lines-mismatch')
  return lines
}

/**
 * Where a payer's browser may be sent: nowhere but to the shop that asked.
 * @throws {Problem} `url-refused`
 */
function ownUrl(merchant: Caller, text: string): string {
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  const isPlain = url?.username === '' && url.password === '' && !text.includes('#')
  if (url === null || !isSafe || !isPlain || url.origin !== merchant.origin) throw new Problem('url-refused')
  return url.href
}
