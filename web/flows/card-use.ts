import { declineReasons } from '../../shared/decline.ts'
import type { Bill } from '../../shared/wire/payment-api.ts'
import type { PaymentClient } from '../doors/payment-client.ts'
import type { WalletClient } from '../doors/wallet-client.ts'
import type { Refusal } from './enrol-flow.ts'
import type { CardUse } from './enrol-run.ts'
import { DoorError, isAnswerLost } from './notice.ts'
import type { PayRun } from './pay-run.ts'
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

/** The passkey signs the payment, and the payment names the seal: one touch for both. */
export const cardToPayWith =
  (client: PaymentClient, bill: Bill, { enrolled, refresh }: Pick<PayRun, 'enrolled' | 'refresh'>): CardUse =>
  async (payer, seal) => {
    const { username } = payer
    /** What is refused may have ended the bill, or the bill had ended before: a page that shows it reads it again. */
    const refused = async (error: unknown): Promise<never> => {
      if (!isAnswerLost(error)) await refresh()
      throw error
    }
    const { intent } = await client.payIntent(bill.id, { username, seal }).catch(refused)
    const { challenge } = await prepared('pay', intent, paysWhatIsShown(intent, bill, seal))
    return {
      challenge,
      async commit(response, sealed) {
        try {
          const after = await client.confirm(bill.id, { username, intent, response, sealed }).catch(refused)
          await enrolled(after, payer)
          return after.state === 'declined' ? (after.decline?.reason ?? 'do-not-honor') : null
        } catch (error) {
          if (!isAnswerLost(error)) return refusalOf(error)
          await enrolled(null, payer)
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
