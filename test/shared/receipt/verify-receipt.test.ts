/** A file that proves a payment, in the hands of somebody who has nothing but the file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importKeyPair, makePrivateKey } from '../../../server/runtime/keys.ts'
import { type Bytes, bytesOfBase64url, concat, textOfUtf8, utf8 } from '../../../shared/bytes.ts'
import { payeeDialogOf, paymentDialogOf } from '../../../shared/payment-dialog.ts'
import { readReceipt } from '../../../shared/receipt/read-receipt.ts'
import { receiptBytes } from '../../../shared/receipt/receipt.ts'
import { type Check, type Trust, verifyReceipt } from '../../../shared/receipt/verify-receipt.ts'
import { everyByte, everyMember, type Mutation, mutantCount } from '../../mutation/mutants.ts'
import { partChanged, twinOfMessage } from '../../mutation/signed-text.ts'
import { twinOf } from '../../support/authenticator.ts'
import { taken } from '../../support/http.ts'
import { verifyIndependently } from '../../support/independent-verifier.ts'
import { eur } from '../../support/merchant.ts'
import type { SoftwarePayer } from '../../support/payer.ts'
import { inDialog, otherThings, shownByBrowser } from '../../support/payment-dialog.ts'
import { bankOrigin, openWorld, payOrigin, type World } from '../../support/world.ts'
import { forger, payerWithRsa, paysAndSaves, paysInDialogAndSaves, saves } from './receipt-world.ts'

let world: World
let ada: SoftwarePayer
let file: Bytes
/** Of a payment that the browser showed in a dialog of its own. */
let shownFile: Bytes
let trust: Trust
let fingerprints: string[]
beforeAll(async () => {
  world = await openWorld()
  ada = await world.payer('ada')
  file = await paysAndSaves(world, ada)
  shownFile = await paysInDialogAndSaves(world, ada)
  fingerprints = [world.bankKeys.signing.publicJwk.kid]
  trust = { bankKeyFingerprints: fingerprints, origins: [payOrigin] }
})
afterAll(() => world.close())

/** What does not hold. Nothing is agreed to where anything is off. */
async function faultsOf(receipt: Uint8Array, known: Trust = trust): Promise<Check[]> {
  const { agreed, findings } = await verifyReceipt(receipt, known)
  const faults = findings.filter(({ holds }) => !holds).map(({ check }) => check)
  expect(agreed === null).toBe(faults.length > 0)
  return faults
}

describe('a receipt', () => {
  it('says what was agreed to', async () => {
    const { agreed, isBankKnown, bankKeyFingerprint } = await verifyReceipt(file, trust)
    const { receipt, approval } = forger(world, ada, file)
    expect(agreed).toEqual({
      payment: receipt.intent.payment,
      payee: { name: 'Bluebird Coffee', origin: 'https://coffee.example' },
      amount: { minor: 12_50, currency: 'EUR' },
      capturedMinor: 12_50,
      order: 'order 1',
      bookedAtMs: world.clock.nowMs(),
      card: receipt.card,
      payer: receipt.intent.payer,
      approvalCode: approval.approvalCode,
      bank: bankOrigin,
      paymentServer: payOrigin,
      signedAt: payOrigin,
      ceremony: 'webauthn.get',
    })
    expect(bankKeyFingerprint).toBe(fingerprints[0])
    expect(isBankKnown).toBe(true)
  })

  it('holds neither what names the passkey elsewhere nor the record of the card', () => {
    const text = textOfUtf8(file)
    for (const secret of ['credentialId', 'userHandle', 'record', 'ada']) expect(text).not.toContain(`"${secret}"`)
  })

  it('proves payments of every kind, to us and to somebody who only read how', async () => {
    const bob = world.stranger('bob')
    taken(await bob.takesName())
    const first = await world.merchant('Owl Books').asks(eur(3_00))
    const newCard = await world.bank.issuesCard(eur(100_00))
    taken(await bob.confirms(first, await bob.signs(first, { newCard })))

    const asked = await world.merchant('Owl Books').asks(eur(4_00))
    world.faults.push(async (ask, request) => {
      await ask(request)
      throw new TypeError('socket hang up')
    })
    taken(await ada.pays(asked))

    const byHand = await world.merchant('Owl Books').asks(eur(5_00), { capture: 'manual' })
    taken(await ada.pays(byHand))

    const receipts = {
      'as any': [file, 12_50, 12_50],
      'that the browser showed': [shownFile, 12_50, 12_50],
      'that adds its card': [await saves(bob, first), 3_00, 3_00],
      'that the bank was asked about again': [await saves(ada, asked), 4_00, 4_00],
      'to be captured by hand': [await saves(ada, byHand), 5_00, 0],
      'by an RSA passkey': [await paysAndSaves(world, await payerWithRsa(world, 'rosa'), eur(6_00)), 6_00, 6_00],
    } as const
    for (const [kind, [receipt, minor, capturedMinor]] of Object.entries(receipts)) {
      expect(await faultsOf(receipt), kind).toEqual([])
      expect((await verifyReceipt(receipt, trust)).agreed, kind).toMatchObject({ amount: { minor }, capturedMinor })
      expect(verifyIndependently(receipt, fingerprints), kind).toMatchObject({ minor, capturedMinor })
    }
    expect(readReceipt(receipts['that adds its card'][0]).intent.seal).toBeDefined()
    const [header = ''] = readReceipt(receipts['that the bank was asked about again'][0]).decision.split('.')
    expect(atob(header)).toContain('moniker-inquire-answer+jws')
  })

  it('saved before the shop lets go of the money says that it was set aside, and not that it was taken', async () => {
    const shop = world.merchant('Owl Books')
    const bill = await shop.asks(eur(7_00), { capture: 'manual' })
    taken(await ada.pays(bill))
    const receipt = await saves(ada, bill)
    taken(await shop.voids(bill))
    expect(await world.bank.takenBy(bill)).toBe(0)
    expect((await verifyReceipt(receipt, trust)).agreed).toMatchObject({ capturedMinor: 0 })
  })

  it('says that the browser itself showed what was signed, where it did', async () => {
    expect((await verifyReceipt(shownFile, trust)).agreed).toMatchObject({ ceremony: 'payment.get' })
    expect((await verifyReceipt(shownFile, trust)).findings).toContainEqual({ check: 'dialog', holds: true })
  })

  it('says so too where that was over the shop’s page, with nothing of the card', async () => {
    const { receipt, withCeremony } = forger(world, ada, shownFile)
    const { origin } = receipt.intent.payee
    const shown = shownByBrowser(payeeDialogOf(receipt.intent), { rpId: receipt.relyingParty, origin })
    const signed = await withCeremony({ origin, ...inDialog(shown) })
    expect(await faultsOf(signed)).toEqual([])
    expect((await verifyReceipt(signed, trust)).agreed).toMatchObject({ ceremony: 'payment.get', signedAt: origin })
    expect(verifyIndependently(signed, fingerprints)).toMatchObject({ minor: 12_50 })
    const { instrument } = paymentDialogOf(receipt.intent, receipt.card)
    expect(await faultsOf(await withCeremony({ origin, ...inDialog({ ...shown, instrument }) }))).toEqual(['dialog'])
    expect(await faultsOf(await forger(world, ada, file).withCeremony({ origin }))).toEqual(['site'])
  })

  it('only holds together for somebody who does not know the bank’s key', async () => {
    const { agreed, findings, isBankKnown } = await verifyReceipt(file)
    expect(agreed).not.toBeNull()
    expect(isBankKnown).toBe(false)
    expect(findings.map(({ check }) => check)).not.toContain('bank')
  })

  it('is worth what it was where the bank decided before it named the payee', async () => {
    const { withFormerDecision, approval } = forger(world, ada, file)
    expect((await verifyReceipt(await withFormerDecision(), trust)).agreed).not.toBeNull()
    expect(await faultsOf(await withFormerDecision(approval.challenge))).toEqual(['binding'])
  })

  it('also verifies with the twin of either signature, and proves the same payment by it', async () => {
    const { receipt, with: but } = forger(world, ada, file)
    const twins = [
      but({ evidence: { ...receipt.evidence, signature: twinOf(receipt.evidence.signature) } }),
      but({ decision: twinOfMessage(receipt.decision) }),
    ]
    for (const twin of twins) {
      expect((await verifyReceipt(twin, trust)).agreed).toEqual((await verifyReceipt(file, trust)).agreed)
    }
  })
})

describe('nothing is believed of a receipt', () => {
  it('with the decision of another payment', async () => {
    const other = readReceipt(await paysAndSaves(world, ada))
    expect(await faultsOf(forger(world, ada, file).with({ decision: other.decision }))).toEqual(['binding'])
  })

  it('with the evidence of another payment', async () => {
    const other = readReceipt(await paysAndSaves(world, ada))
    expect(await faultsOf(forger(world, ada, file).with({ evidence: other.evidence }))).toEqual(['intent'])
  })

  it('with intent and evidence of another payment', async () => {
    const { intent, evidence } = readReceipt(await paysAndSaves(world, ada))
    expect(await faultsOf(forger(world, ada, file).with({ intent, evidence }))).toEqual(['binding'])
  })

  it('with the passkey of somebody else', async () => {
    const other = readReceipt(await paysAndSaves(world, await world.payer('eve')))
    const forged = forger(world, ada, file).with({ passkey: other.passkey })
    expect(await faultsOf(forged)).toEqual(['passkey', 'binding'])
  })

  it('with another card on it', async () => {
    expect(await faultsOf(forger(world, ada, file).with({ card: { brand: 'visa', last4: '0000' } }))).toEqual([
      'binding',
    ])
  })

  it('signed by a bank that is not the one the reader knows', async () => {
    const stranger = await importKeyPair(await makePrivateKey('ES256'), 'ES256')
    const forged = await forger(world, ada, file).withDecision({}, 'moniker-authorize-answer+jws', stranger)
    expect(await faultsOf(forged)).toEqual(['bank'])
    expect(await faultsOf(forged, {})).toEqual([]) // whose key it is, a file cannot say by itself
    const renamed = await forger(world, ada, file).withDecision({}, 'moniker-authorize-answer+jws', {
      ...stranger,
      kid: world.bankKeys.signing.kid,
      publicJwk: { ...stranger.publicJwk, kid: world.bankKeys.signing.kid },
    })
    expect(await faultsOf(renamed)).toEqual(['fingerprint'])
  })

  it.each([
    ['of another site', { rpId: 'evil.example' }, 'site'],
    ['on another page', { origin: 'https://evil.example' }, 'site'],
    ['on another page of the same site', { origin: 'http://pay.localhost:9999' }, 'site'],
    ['in a frame', { crossOrigin: true, topOrigin: 'https://evil.example' }, 'site'],
    ['in a frame that does not name its top', { crossOrigin: true }, 'site'],
    ['while nobody was there', { userPresent: false }, 'person'],
    ['without knowing who was there', { userVerified: false }, 'person'],
    ['backed up and not to be backed up', { backupEligible: false, backedUp: true }, 'person'],
    ['with a signature over something else', { bogusSignature: true }, 'passkey'],
  ] as const)('from a ceremony %s', async (_what, deviation, fault) => {
    expect(await faultsOf(await forger(world, ada, file).withCeremony(deviation))).toEqual([fault])
  })

  it('from a ceremony that made a passkey', async () => {
    const forged = await forger(world, ada, file).withCeremony({ type: 'webauthn.create' })
    expect(await faultsOf(forged)).toEqual(['intent', 'binding'])
  })

  it.each(otherThings)('from a dialog of the browser that showed %s', async (_what, change) => {
    const { receipt, withCeremony } = forger(world, ada, shownFile)
    const shown = JSON.parse(textOfUtf8(bytesOfBase64url(receipt.evidence.clientDataJSON))).payment
    const forged = await withCeremony(inDialog(change(shown)))
    expect(await faultsOf(forged)).toEqual(['dialog'])
    expect(() => verifyIndependently(forged, fingerprints)).toThrow()
  })

  it('that the bank says was signed on a page, where the browser showed it', async () => {
    expect(await faultsOf(await forger(world, ada, shownFile).withDecision({ ceremony: 'webauthn.get' }))).toEqual([
      'binding',
    ])
  })

  it('from a page that came over a line that others may write on', async () => {
    const forged = await forger(world, ada, file).withCeremony({ origin: 'http://pay.example', rpId: 'pay.example' })
    const moved = receiptBytes({ ...readReceipt(forged), relyingParty: 'pay.example' })
    expect(await faultsOf(moved, {})).toEqual(['site'])
  })

  it('whose bank approved something else', async () => {
    const { withDecision, approval, receipt, challengeOf } = forger(world, ada, file)
    const { reference, amount } = approval
    const others = [
      { reference: `pay_${'A'.repeat(22)}.1` },
      { amount: { ...amount, minor: amount.minor + 1 } },
      { amount: { ...amount, currency: 'USD' as const } },
      { challenge: await challengeOf({ payee: { ...receipt.intent.payee, name: 'Bluebird Tea' } }) },
      { signer: approval.challenge },
      { payee: `merchant_${'A'.repeat(22)}` as never },
      { ceremony: 'payment.get' as const },
      { face: { brand: 'visa' as const, last4: '0000' } },
      { capturedMinor: amount.minor + 1 },
    ]
    for (const other of others) {
      expect(await faultsOf(await withDecision({ ...approval, ...other })), JSON.stringify(other)).toEqual(['binding'])
    }
    const declined = { outcome: 'declined', reference, amount, reason: 'lost-card', responseCode: '41' } as const
    expect(await faultsOf(await withDecision(declined))).toEqual(['binding'])
    expect(await faultsOf(await withDecision({}, 'moniker-enrol-answer+jws'))).toEqual(['decision'])
    expect(await faultsOf(await withDecision({}))).toEqual([])
  })

  it.each([
    ['with a space', (text: string) => `${text} `],
    ['with a line break', (text: string) => `${text}\n`],
    ['with a byte order mark', (text: string) => `\uFEFF${text}`],
    ['in a friendlier spelling', (text: string) => JSON.stringify(JSON.parse(text), null, 2)],
    [
      'in another order',
      (text: string) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
    ],
    ['with an escape', (text: string) => text.replace('Bluebird', '\\u0042luebird')],
    [
      'that names something twice',
      (text: string) => text.replace('{"bankKey"', '{"format":"moniker/receipt/v2","bankKey"'),
    ],
    ['that holds more than it may', (text: string) => text.replace('{"bankKey"', '{"aside":1,"bankKey"')],
    ['of another version', (text: string) => text.replace('receipt/v1', 'receipt/v2')],
    ['that is empty', () => ''],
    ['that is no JSON', () => 'PK\u0003\u0004'],
    ['that is deep', () => '['.repeat(60_000)],
    ['that is long', (text: string) => text.replace('order 1', 'x'.repeat(70_000))],
  ])('%s', async (_what, change) => {
    expect(await faultsOf(utf8(change(textOfUtf8(file))))).toEqual(['file'])
  })

  it('that is not text', async () => {
    expect(await faultsOf(concat(file.slice(0, 40), Uint8Array.of(0xff), file.slice(41)))).toEqual(['file'])
  })
})

describe('every byte and every member of a receipt', { timeout: 120_000 }, () => {
  /** The mutants of the members inside of base64url, where the file's own members end. */
  const inside = (file: Bytes, name: 'decision', part: 0 | 1): Mutation[] => {
    const receipt = readReceipt(file)
    return [...partChanged(part, receipt[name])].map(({ what, apply }) => ({
      what,
      apply(text) {
        const changed = apply(readReceipt(utf8(text))[name])
        return changed === null ? null : receiptBytes({ ...receipt, [name]: textOfUtf8(changed) })
      },
    }))
  }
  const mutations = (file: Bytes): Mutation[] => [
    ...everyByte(file.length),
    ...everyMember(textOfUtf8(file)),
    ...inside(file, 'decision', 0),
    ...inside(file, 'decision', 1),
  ]

  it.each([
    ['the wallet’s page', () => file],
    ['the browser itself', () => shownFile],
  ])(
    'that %s asked for, changed one at a time: none is accepted, without knowing the bank, by us or by somebody who only read how',
    async (_asker, fileOf) => {
      const file = fileOf()
      const text = textOfUtf8(file)
      const count = mutantCount('a receipt')
      for (const mutation of mutations(file)) {
        const mutant = mutation.apply(text)
        if (mutant === null) continue
        const { agreed } = await verifyReceipt(mutant)
        count.note(mutation, agreed !== null)
        count.note(mutation, isAcceptedElsewhere(mutant), 'by the independent verifier')
      }
      count.say()
      expect(count.tried()).toBeGreaterThan(10_000)
      expect(count.accepted).toEqual([])
    },
  )

  function isAcceptedElsewhere(mutant: Uint8Array): boolean {
    try {
      verifyIndependently(mutant, fingerprints)
      return true
    } catch {
      return false
    }
  }
})
