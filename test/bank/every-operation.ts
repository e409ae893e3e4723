import { base64url } from '../../shared/bytes.ts'
import type { CardRecord } from '../../shared/card.ts'
import { identifier } from '../../shared/identifiers.ts'
import type { AddPasskeyIntent, SetLimitIntent, UndoRecoveryIntent, UnfreezeCardIntent } from '../../shared/intent.ts'
import { type BankBody, type BankOperation, bankOperations } from '../../shared/wire/bank-api.ts'
import { type BankPayer, bankPayer, goodCard } from './bank-payer.ts'
import { type BankWorld, eur } from './bank-world.ts'
import { saysOfRecovery } from './recovery-page.ts'

export const everyOperation = Object.keys(bankOperations) as BankOperation[]

/** A request of each kind that the bank has not seen, and does. */
export type OneOfEach = { readonly [O in BankOperation]: BankBody<O> }

export async function oneOfEach(world: BankWorld): Promise<OneOfEach> {
  const [ada, limited, frozen, leaving, robbed] = [
    await enrolled(world),
    await enrolled(world),
    await enrolled(world),
    await enrolled(world),
    await enrolled(world),
  ]
  const newcomer = await bankPayer(world)
  const before = {
    captured: await ada.approved('manual'),
    refunded: await ada.approved(),
    voided: await ada.approved('manual'),
  }
  await world.asks.freeze({ card: frozen.payer.card, change: 1, isFrozen: true })
  const { card } = ada.payer
  const movement = { name: 'a-part', amount: eur(1_00) }
  return {
    enrol: await newcomer.enrolment(),
    authorize: await ada.payer.authorization(ada.record),
    inquire: { reference: before.refunded },
    reverse: { reference: await ada.approved() },
    capture: { reference: before.captured, ...movement, isFinal: false },
    refund: { reference: before.refunded, ...movement },
    void: { reference: before.voided },
    limit: await limitOf(world, limited.payer, limited.record),
    allowance: { card, record: ada.record },
    freeze: await unfreezeOf(world, frozen.payer),
    unbind: { card: leaving.payer.card },
    bind: await bindingOf(world, ada.payer, ada.record),
    revoke: { payer: ada.payer.payer, passkey: (await ada.payer.anotherPasskey()).thumbprint },
    recover: {
      recovery: identifier('recovery', world.random(16)),
      card,
      payer: ada.payer.payer,
      passkey: (await ada.payer.anotherPasskey()).passkey,
    },
    undo: await undoingOf(world, robbed.payer),
    standing: { card },
    reseal: { card, record: ada.record },
    // Of a moment in which nothing else happened.
    statement: { fromMs: await momentOf(world, ada), untilMs: world.clock.nowMs() + 1, after: null },
  }
}

async function enrolled(world: BankWorld) {
  const payer = await bankPayer(world)
  const record = await payer.enrols()
  return {
    payer,
    record,
    /** @returns the reference of a payment that the bank approved */
    async approved(capture: 'automatic' | 'manual' = 'automatic'): Promise<string> {
      const body = await payer.authorization(record, payer.bill(eur(10_00)), { capture })
      const { outcome } = await world.asks.authorize(body)
      if (outcome !== 'approved') throw new Error(`the bank said ${outcome}`)
      return body.reference
    },
  }
}

async function momentOf(world: BankWorld, ada: Awaited<ReturnType<typeof enrolled>>): Promise<number> {
  world.clock.advance(1)
  await ada.approved()
  return world.clock.nowMs()
}

const fresh = (world: BankWorld) =>
  ({ v: 1, nonce: base64url(world.random(32)), notAfter: world.clock.nowMs() + 300_000 }) as const

async function limitOf(
  world: BankWorld,
  { card, payer, sign }: BankPayer,
  record: CardRecord,
): Promise<BankBody<'limit'>> {
  const limits = { currency: 'EUR', perPaymentMinor: 20_00, perDayMinor: 50_00, perMonthMinor: null } as const
  const intent: SetLimitIntent = { ...fresh(world), purpose: 'set-limit', card, payer, change: 1, limits }
  return { card, payer, record, evidence: { intent, assertion: await sign(intent) } }
}

async function bindingOf(
  world: BankWorld,
  { card, payer, sign, anotherPasskey }: BankPayer,
  record: CardRecord,
): Promise<BankBody<'bind'>> {
  const { passkey, thumbprint } = await anotherPasskey()
  const intent: AddPasskeyIntent = { ...fresh(world), purpose: 'add-passkey', payer, passkey: thumbprint }
  return { card, payer, record, passkey, evidence: { intent, assertion: await sign(intent) } }
}

async function unfreezeOf(world: BankWorld, { card, payer, sign }: BankPayer): Promise<BankBody<'freeze'>> {
  const intent: UnfreezeCardIntent = { ...fresh(world), purpose: 'unfreeze-card', card, payer, change: 2 }
  return { card, change: 2, isFrozen: false, evidence: { intent, assertion: await sign(intent) } }
}

/** What somebody sends whose card a recovery took, and who wants it back. */
export async function undoingOf(world: BankWorld, robbed: BankPayer): Promise<BankBody<'undo'>> {
  const { card, payer, sign } = robbed
  const recovery = identifier('recovery', world.random(16))
  const { passkey } = await robbed.anotherPasskey()
  const asked = await world.asks.recover({ recovery, card, payer, passkey })
  await saysOfRecovery(world, asked, goodCard)
  const intent: UndoRecoveryIntent = { ...fresh(world), purpose: 'undo-recovery', payer, recovery }
  return { recovery, payer, evidence: { intent, assertion: await sign(intent) } }
}
