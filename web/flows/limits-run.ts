/** The acts of a card's limits: each of them is signed by a passkey. */
import { areSameLimits, someLimits } from '../../shared/card-limits.ts'
import type { CardId } from '../../shared/identifiers.ts'
import type { SetLimitIntent } from '../../shared/intent.ts'
import type { CardLimits } from '../../shared/wire/intent-schema.ts'
import type { Allowance, Payer } from '../../shared/wire/payment-api.ts'
import type { LimitsClient } from '../doors/limits-client.ts'
import type { PasskeyDoor } from '../doors/passkey.ts'
import { type Flow, flow } from './flow.ts'
import {
  askedLimits,
  firstLimitsFlow,
  type LimitAct,
  type LimitsEvent,
  type LimitsFlow,
  limitsFlow,
  secondsFor,
} from './limits-flow.ts'
import { DoorError, isAnswerLost, noticeOf } from './notice.ts'
import { prepared } from './prepare.ts'

export type LimitsRun = {
  readonly flow: Flow<LimitsFlow, LimitsEvent>
  read(): Promise<void>
  save(): Promise<void>
  /** Lets another passkey sign what is waited for. */
  second(): Promise<void>
  /** Keeps what holds now. */
  cancelRaise(): Promise<void>
  /** Nobody looks at them any more: nothing is signed that is not signed yet. */
  stop(): void
}

export function limitsRun(
  tools: { readonly limits: LimitsClient; readonly passkey: PasskeyDoor },
  relyingPartyId: () => Promise<string>,
  payer: Payer,
  card: CardId,
  signedOut: () => Promise<void>,
): LimitsRun {
  const { limits: client, passkey } = tools
  const run = flow(limitsFlow, firstLimitsFlow)
  const { now, send } = run
  let isStopped = false

  async function act(name: LimitAct, change: (allowance: Allowance) => Promise<Allowance>): Promise<void> {
    const state = now()
    if (state.step !== 'open' || state.doing !== null) return
    send({ type: 'doing', act: name })
    try {
      send({ type: 'done', allowance: await change(state.allowance) })
    } catch (error) {
      await told(error, 'failed')
    }
  }

  async function told(error: unknown, type: 'failed' | 'unreadable'): Promise<void> {
    const notice = noticeOf(error)
    if (notice === 'session-missing') await signedOut()
    else send({ type, notice })
  }

  /** @param passkeys thumbprints of those that may sign */
  async function sign(limits: CardLimits, passkeys: readonly string[], isSecond: boolean): Promise<Allowance> {
    const { intent } = await client.intent(card, { limits, isSecond })
    const isShown = intent.card === card && areSameLimits(intent.limits, limits)
    const { challenge } = await prepared('set-limit', intent, isShown)
    const credentialIds = payer.passkeys
      .filter(({ thumbprint }) => passkeys.includes(thumbprint))
      .map(({ credentialId }) => credentialId)
    const relyingParty = await relyingPartyId()
    if (isStopped) throw new DoorError('passkey-dismissed')
    const response = await passkey.confirm({ challenge, relyingPartyId: relyingParty, credentialIds })
    return client.set(card, { intent, response }).catch((error: unknown) => changed(error, intent, isSecond))
  }

  /** Where the answer got lost: what became of it is read, never guessed. */
  async function changed(error: unknown, { change, limits }: SetLimitIntent, isSecond: boolean): Promise<Allowance> {
    const allowance = isAnswerLost(error) ? await client.of(card).catch(() => null) : null
    if (allowance === null || allowance.change !== change) throw error
    const asked = allowance.pending && !isSecond ? allowance.pending.limits : allowance.limits
    if (!areSameLimits(asked, someLimits(limits))) throw error
    return allowance
  }

  const all = payer.passkeys.map(({ thumbprint }) => thumbprint)

  return {
    flow: run,
    async read() {
      const before = now()
      if (before.step === 'unreadable') send({ type: 'reading' })
      try {
        const allowance = await client.of(card)
        const state = now()
        // What was done meanwhile is newer than this answer.
        if (state.step !== 'open' || state === before) send({ type: 'read', allowance })
      } catch (error) {
        await told(error, 'unreadable')
      }
    },
    save: () =>
      act('saving', async (allowance) => {
        const state = now()
        const asked = state.step === 'open' ? askedLimits(state) : null
        return asked === null ? allowance : sign(asked, all, false)
      }),
    second: () =>
      act('seconding', async (allowance) => {
        const { pending, limits } = allowance
        if (pending === null) return allowance
        return sign(pending.limits ?? noLimits(limits), secondsFor(allowance), true)
      }),
    cancelRaise: () => act('canceling', ({ limits, pending }) => sign(limits ?? noLimits(pending?.limits), all, false)),
    stop() {
      isStopped = true
    },
  }
}

const noLimits = (like: CardLimits | null | undefined): CardLimits => ({
  currency: like?.currency ?? 'EUR',
  perPaymentMinor: null,
  perDayMinor: null,
  perMonthMinor: null,
})
