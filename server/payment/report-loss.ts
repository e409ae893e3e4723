import type { AuthenticationResponse } from '../../shared/evidence.ts'
import type { PayerId } from '../../shared/identifiers.ts'
import type { MakeRecoveryCodeIntent } from '../../shared/intent.ts'
import { Problem } from '../../shared/problem.ts'
import { readRecoveryCode, recoveryCodeBytes, recoveryCodeText } from '../../shared/recovery-code.ts'
import type { RandomBytes } from '../runtime/room.ts'
import type { Intents } from './identity/challenge.ts'
import type { PayerNamed } from './identity/name.ts'
import type { Prover } from './identity/prove.ts'
import type { Pseudonyms } from './identity/pseudonym.ts'
import type { RecoveryStore } from './identity/recovery-store.ts'
import type { Sessions } from './identity/session.ts'
import type { CardStore } from './retrieval/card-store.ts'
import type { BankTeller } from './retrieval/tell-bank.ts'

type Signed = { readonly intent: MakeRecoveryCodeIntent; readonly response: AuthenticationResponse }

/**
 * For the day a phone is lost. A passkey makes a code, which is shown once; the code alone stops every card. It can do no more: to let a card
 * pay again takes a passkey, so that a code in the wrong hands is a nuisance and no theft.
 */
export function lossReporter(tools: {
  codes: RecoveryStore
  sessions: Sessions
  cards: CardStore
  tellBank: BankTeller
  intents: Intents
  prove: Prover
  payerNamed: PayerNamed
  pseudonyms: Pseudonyms
  random: RandomBytes
}) {
  const { codes, sessions, cards, tellBank, intents, prove, payerNamed, pseudonyms, random } = tools
  const agreement = (payer: PayerId) =>
    ({ purpose: 'make-recovery-code', payer: pseudonyms.towardsBank(payer) }) as const

  /** @throws {Problem} `recovery-refused`, alike for a name nobody has, a wrong code, and a name without one */
  async function holderOf(username: string, typedCode: string): Promise<PayerId> {
    const payer = await payerNamed(username)
    if (!(await codes.isCodeOf(payer, readRecoveryCode(typedCode)))) throw new Problem('recovery-refused')
    return payer
  }

  return {
    /** Who shows the code of this name. */
    holderOf,

    /** Milliseconds since the Unix epoch; null where none was made. */
    codeMadeAtMs: codes.madeAtMs,

    offerCode: (payer: PayerId): MakeRecoveryCodeIntent => intents.issue(agreement(payer)),

    /** @returns the code, which is kept nowhere: this is the one time that it is seen. @throws {Problem} `intent-…`, `passkey-refused` */
    async makeCode(payer: PayerId, signed: Signed): Promise<string> {
      const { passkey } = await prove.recoveryCode(payer, signed, agreement(payer))
      const code = random(recoveryCodeBytes)
      await codes.keep(payer, passkey.credentialId, code)
      return recoveryCodeText(code)
    },

    /**
     * Freezes every card of a name, and signs it out everywhere.
     * @returns whose name it is
     * @throws {Problem} `recovery-refused`
     */
    async report(username: string, typedCode: string): Promise<PayerId> {
      const payer = await holderOf(username, typedCode)
      const stopped = await cards.cardsOf(payer)
      // All of them here before any of them there: a bank that is slow must not keep a card paying.
      for (const { id } of stopped) await cards.freeze(payer, id)
      await sessions.endAllForLoss(payer)
      for (const { id } of stopped) await tellBank.tellAbout(id)
      return payer
    },
  }
}
export type LossReporter = ReturnType<typeof lossReporter>
