import { signMessage } from '../../../server/runtime/signed-message.ts'
import { type Bytes, base64url, bytesOfBase64url, textOfUtf8 } from '../../../shared/bytes.ts'
import type { PaymentId } from '../../../shared/identifiers.ts'
import { challengeOf } from '../../../shared/intent.ts'
import { passkeyThumbprint } from '../../../shared/passkey.ts'
import { readReceipt } from '../../../shared/receipt/read-receipt.ts'
import { type Receipt, receiptBytes } from '../../../shared/receipt/receipt.ts'
import { authorizeAnswer, type BankAnswer } from '../../../shared/wire/bank-api.ts'
import { payIntentSchema } from '../../../shared/wire/intent-schema.ts'
import { taken } from '../../support/http.ts'
import { type Amount, eur } from '../../support/merchant.ts'
import { type Deviation, type SoftwarePayer, softwarePayer } from '../../support/payer.ts'
import { bankOrigin, payOrigin, type World } from '../../support/world.ts'

/** Pays a bill, and saves the proof of it. */
export async function paysAndSaves(world: World, payer: SoftwarePayer, amount: Amount = eur(12_50)): Promise<Bytes> {
  const bill = await world
    .merchant('Bluebird Coffee')
    .asks(amount, { reference: 'order 1', description: 'Two coffees' })
  taken(await payer.pays(bill))
  return saves(payer, bill)
}

/** The same, by a dialog that the browser showed. */
export async function paysInDialogAndSaves(world: World, payer: SoftwarePayer): Promise<Bytes> {
  const bill = await world.merchant('Bluebird Coffee').asks(eur(12_50), { reference: 'order 1' })
  taken(await payer.confirms(bill, await payer.signsInDialog(bill)))
  return saves(payer, bill)
}

export async function saves(payer: SoftwarePayer, payment: PaymentId): Promise<Bytes> {
  const response = await payer.tab.downloads(`/api/payments/${payment}/receipt`)
  if (!response.ok) throw new Error(`no receipt: ${await response.text()}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** Somebody whose device makes RSA passkeys, as Windows does where it has no better chip. */
export async function payerWithRsa(world: World, username: string): Promise<SoftwarePayer> {
  const { device } = world.stranger(username)
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const payer = softwarePayer({
    username,
    http: world.http,
    origin: payOrigin,
    rpId: 'pay.localhost',
    random,
    device: { ...device, create: (request) => device.create({ ...request, algorithm: -257 }) },
  })
  taken(await payer.takesName())
  taken(await payer.addsCard(await world.bank.issuesCard(eur(1_000_00))))
  return payer
}

type Approval = Extract<BankAnswer<'authorize'>, { outcome: 'approved' }>

/** What a receipt is made of, to make others of: everything in them is signed by who has to, and only what they say is different. */
export function forger(world: World, payer: SoftwarePayer, file: Bytes) {
  const receipt = readReceipt(file)
  const [, payload = ''] = receipt.decision.split('.')
  const { body, ...claims } = JSON.parse(textOfUtf8(bytesOfBase64url(payload)))
  const approval = authorizeAnswer.parse(body)
  if (approval.outcome !== 'approved') throw new Error('a receipt has an approval')

  async function withBody(
    body: object,
    type = 'moniker-authorize-answer+jws',
    key = world.bankKeys.signing,
  ): Promise<Bytes> {
    const { jti, inResponseTo } = claims
    const message = { id: String(jti), inResponseTo: String(inResponseTo), body }
    const channel = { issuer: bankOrigin, audience: payOrigin, type }
    const { kty, crv, x, y, kid } = key.publicJwk
    const decision = await signMessage(channel, key, world.clock.nowMs(), message)
    return receiptBytes({ ...receipt, decision, bankKey: { kty, crv, x, y, kid } })
  }

  return {
    receipt,
    approval,
    /** The same, but for this. */
    with: (change: Partial<Receipt>): Bytes => receiptBytes({ ...receipt, ...change }),

    /** The payer's own passkey, in the hands of a page that asks differently. */
    async withCeremony(deviation: Deviation): Promise<Bytes> {
      const { response } = await payer.sign(payIntentSchema.parse(receipt.intent), deviation)
      const { authenticatorData, clientDataJSON, signature } = response
      return receiptBytes({ ...receipt, evidence: { authenticatorData, clientDataJSON, signature } })
    },

    /** The bank's own key, under something else. */
    withDecision: (
      change: Partial<Approval> | BankAnswer<'authorize'>,
      type = 'moniker-authorize-answer+jws',
      key = world.bankKeys.signing,
    ): Promise<Bytes> => withBody({ ...approval, ...change }, type, key),

    /** As the bank said it before merchants were shown it. */
    async withFormerDecision(passkey?: string): Promise<Bytes> {
      const { payee: _payee, signer: _signer, ...body } = approval
      return withBody({ ...body, passkey: passkey ?? (await passkeyThumbprint(receipt.passkey)) })
    },

    /** What the payer's passkey signed, if it signed this. */
    challengeOf: async (change: object): Promise<string> =>
      base64url(await challengeOf(payIntentSchema.parse({ ...receipt.intent, ...change }))),
  }
}
