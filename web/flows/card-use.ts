import { declineReasons } from '../../shared/decline.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import type { PaymentClient } from '../doors/payment-client.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import type { Refusal } from './enrol-flow.ts'
import type { CardUse } from './enrol-run.ts'
import { DoorError, isAnswerLost } from './notice.ts'
import { paysWhatIsShown, prepared } from './prepare.ts'

/** The passkey signs the seal alone. */
export const cardToAdd =
  (wallet: WalletClient): CardUse =>
  async (_payer, seal) => {
    const { intent } = await wallet.addCardIntent({ seal })
    const { challenge } = await prepared('add-card', intent, intent.seal === seal)
    return {
      challenge,
      commit: (response, sealed) =>
        wallet.addCard({ intent, response, sealed }).then(
          () => null,
          (error: unknown) => refusalOf(error),
        ),
    }
  }

/**
 * The passkey signs the payment, and the payment names the seal: one touch for both.
 * @param settled what became of the bill; `null` where the answer got lost on the way
 */
export const cardToPayWith =
  (client: PaymentClient, bill: Bill, settled: (bill: Bill | null) => Promise<void>): CardUse =>
  async (payer, seal) => {
    const { username } = payer
    const { intent } = await client.payIntent(bill.id, { username, seal })
    const { challenge } = await prepared('pay', intent, paysWhatIsShown(intent, bill, seal))
    return {
      challenge,
      async commit(response, sealed) {
        try {
          const after = await client.confirm(bill.id, { username, intent, response, sealed })
          await settled(after)
          return after.state === 'declined' ? (after.decline?.reason ?? 'do-not-honor') : null
        } catch (error) {
          if (!isAnswerLost(error)) return refusalOf(error)
          await settled(null)
          return null
        }
      },
    }
  }

/** A bank's no is an answer; everything else stays an error. */
function refusalOf(error: unknown): Refusal {
  const detail = error instanceof DoorError && error.code === 'card-refused' ? error.detail : undefined
  const reason = declineReasons.find((known) => known === detail)
  if (reason === undefined) throw error
  return reason
}
