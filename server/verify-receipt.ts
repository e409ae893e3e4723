/**
 * `npm run verify-receipt -- FILE [--bank-keys FILE]`: checks a receipt offline. Ends with 0 only where the payment is proven, with 2 where
 * everything fits but nobody said whose the bank's key is, and with 1 where anything is off.
 */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { formatMoney } from '../shared/money-text.ts'
import { fingerprintOf } from '../shared/receipt/check-decision.ts'
import { type Agreed, type Check, type Verdict, verifyReceipt } from '../shared/receipt/verify-receipt.ts'

const usage = `Usage: npm run verify-receipt -- FILE [--bank-keys FILE] [--origin ORIGIN]

  --bank-keys  the bank's published keys, as its /.well-known/bank-keys gives them
  --origin     the wallet's origin, such as https://pay.example

Exit code 0: proven. 1: something is off. 2: everything fits, but the bank's key was not compared.`

const words: Record<Check, string> = {
  file: 'The file is a receipt, in its one spelling.',
  intent: 'The passkey was asked to sign this payment and nothing else.',
  dialog: 'The browser showed this payment and this card, in a dialog of its own.',
  site: 'It was asked on its own site.',
  person: 'Somebody was there, and was verified.',
  passkey: 'The passkey signed.',
  fingerprint: 'The bank’s key is the one its fingerprint names.',
  bank: 'It is a key of the bank you named.',
  decision: 'The bank signed its approval.',
  binding: 'The approval is of this payment, this passkey and this card.',
}

const publishedKeys = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      /** Absent in the files by which rooms know each other: those hold nothing but signing keys. */
      use: z.string().optional(),
    }),
  ),
})

/** By the keys themselves: what a file calls them proves nothing. */
async function fingerprintsIn(path: string): Promise<string[]> {
  const { keys } = publishedKeys.parse(JSON.parse(await readFile(path, 'utf8')))
  return Promise.all(keys.filter(({ use = 'sig' }) => use === 'sig').map(fingerprintOf))
}

const options = { 'bank-keys': { type: 'string' }, origin: { type: 'string', multiple: true } } as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [path, second, ...more] = positionals
  // Without the two hyphens npm keeps the option's name for itself: its value comes alone, or in this variable.
  const bankKeysPath = values['bank-keys'] ?? second ?? process.env.npm_config_bank_keys
  if (path === undefined || more.length > 0) throw new Error(usage)
  const bankKeyFingerprints = bankKeysPath === undefined ? undefined : await fingerprintsIn(bankKeysPath)
  const verdict = await verifyReceipt(await readFile(path), { bankKeyFingerprints, origins: values.origin })
  console.log(report(verdict))
  return exitCodeOf(verdict)
}

function exitCodeOf({ agreed, isBankKnown }: Verdict): 0 | 1 | 2 {
  if (agreed === null) return 1
  return isBankKnown ? 0 : 2
}

function report({ findings, agreed, isBankKnown, bankKeyFingerprint }: Verdict): string {
  const looked = findings.map(({ check, holds }) => `${holds ? '✓' : '✗ NOT SO:'} ${words[check]}`)
  const key = bankKeyFingerprint === null ? [] : ['', `Bank’s key  ${bankKeyFingerprint}`]
  const end =
    agreed === null
      ? ['', 'This file proves nothing.']
      : ['', isBankKnown ? provenOf(agreed) : notCompared, '', ...linesOf(agreed)]
  return [...looked, ...key, ...end].join('\n')
}

const provenOf = ({ capturedMinor }: Agreed): string =>
  capturedMinor > 0
    ? 'This payment is proven.'
    : 'It is proven that this was agreed to and set aside, not that it was taken.'

const notCompared = `It holds together, and proves this payment only if that key is the bank’s: anybody can make a key.
Compare it with the bank’s own, or give --bank-keys.`

const capturedOf = ({ amount: { currency }, capturedMinor }: Agreed): string =>
  capturedMinor > 0 ? formatMoney({ minor: capturedMinor, currency }, 'en') : 'nothing: set aside, not taken yet'

const confirmedIn: Record<Agreed['ceremony'], string> = {
  'webauthn.get': 'on the wallet’s page',
  'payment.get': 'in the browser’s own dialog',
}

function linesOf(agreed: Agreed): string[] {
  const { amount, payee, order, bookedAtMs, card, payer, approvalCode, bank, payment, ceremony, signedAt } = agreed
  const lines = [
    ['Amount', formatMoney(amount, 'en')],
    ['Captured', capturedOf(agreed)],
    ['To', `${quoted(payee.name)} (${payee.origin})`],
    ['Order', quoted(order)],
    ['Approved', new Date(bookedAtMs).toISOString()],
    ['Card', `${card.brand} •••• ${card.last4}`],
    ['Confirmed', `${confirmedIn[ceremony]} (${signedAt})`],
    ['Payer', payer],
    ['Bank', bank],
    ['Approval', approvalCode],
    ['Payment', payment],
  ]
  return lines.map(([term = '', value = '']) => `${term.padEnd(12)}${value}`)
}

/** Names are a stranger's words: none of them moves the cursor of a terminal, or turns the direction of a line. */
const quoted = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})
