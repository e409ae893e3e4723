import type { z } from 'zod'
import type { MerchantId, PaymentId } from '../../shared/identifiers.ts'
import { Problem } from '../../shared/problem.ts'
import {
  cancelRequest,
  captureRequest,
  type MerchantPayment,
  refundRequest,
  voidRequest,
} from '../../shared/wire/merchant-api.ts'
import type { AskOnce } from './ask-once.ts'
import type { Cancel } from './cancel.ts'
import type { Expiry } from './expire.ts'
import type { Idempotency } from './idempotency.ts'
import { isUnanswered, type Operation } from './operation-record.ts'
import type { Payment } from './payment-record.ts'

/** What a merchant may do to a payment that is there, and what has to be said for it. */
export const paymentActs = {
  cancel: cancelRequest,
  capture: captureRequest,
  refund: refundRequest,
  void: voidRequest,
} as const
export type PaymentAct = keyof typeof paymentActs
type Asked<Act extends PaymentAct = PaymentAct> = z.output<(typeof paymentActs)[Act]>

/** Does what a merchant asks of a payment of theirs, once for one Idempotency-Key: for their servers and their people, the one way to move money. */
export function paymentActor(tools: {
  bills: Expiry
  cancel: Cancel
  askOnce: AskOnce
  idempotency: Idempotency
  toMerchant: (payment: Payment) => MerchantPayment
}) {
  const { bills, cancel, askOnce, idempotency, toMerchant } = tools

  /** @throws {Problem} `bank-declined` */
  async function outcomeOf(operation: Operation) {
    const { payment, state, declineReason } = operation
    if (state === 'refused') throw new Problem('bank-declined', { detail: `The bank's reason: ${declineReason}.` })
    return { status: isUnanswered(operation) ? 202 : 200, payment: await bills.current(payment) } as const
  }

  async function work(id: PaymentId, act: PaymentAct, asked: Asked, key: string) {
    if (act === 'cancel') return { status: 200, payment: await cancel(id, 'merchant-canceled') } as const
    if (act === 'void') {
      const payment = await bills.current(id)
      if (payment.state === 'voided') return { status: 200, payment } as const
    }
    return outcomeOf(await askOnce(id, key, { kind: act, ...asked }))
  }

  /**
   * @param merchant whose payment it is, which the caller has made sure of
   * @returns the answer, as it was given the first time
   * @throws {Problem} `payment-…`, `capture-exceeds`, `refund-exceeds`, `bank-declined`, `idempotency-key-…`
   */
  return async function actOnce<Act extends PaymentAct>(
    { merchant, id }: { merchant: MerchantId; id: PaymentId },
    act: Act,
    asked: Asked<Act>,
    key: string,
  ) {
    const keyed = { merchant, route: `POST /v1/payments/${id}/${act}`, key, body: JSON.stringify(asked) }
    return idempotency.once(keyed, async () => {
      const done = await work(id, act, asked, key)
      return { status: done.status, body: JSON.stringify(toMerchant(done.payment)) }
    })
  }
}
export type ActOnce = ReturnType<typeof paymentActor>
