import { decodeProtectedHeader } from 'jose'
import type { z } from 'zod'
import { base64url } from '../../shared/bytes.ts'
import { Problem } from '../../shared/problem.ts'
import { answerType, type BankOperation, bankOperations } from '../../shared/wire/bank-api.ts'
import type { KeyPair } from '../runtime/keys.ts'
import { readMessage, signMessage } from '../runtime/signed-message.ts'
import type { Bank, PaymentServer } from './bank.ts'

/** Who asked, and which question an answer is to. */
type Asker = {
  readonly from: PaymentServer
  readonly operation: BankOperation
  readonly messageId: string
}

/**
 * Reads a signed request. Who speaks is told by the key: each payment server's keys are pinned, and its key signs in its name.
 * @throws {Problem} `message-refused`
 */
export async function readRequest<B extends z.ZodType>(
  bank: Bank,
  operation: BankOperation,
  schema: B,
  text: string,
): Promise<{ asker: Asker; body: z.output<B> }> {
  const keyId = keyIdOf(text)
  const from = bank.paymentServers.find((server) => server.keys.has(keyId))
  if (from === undefined) throw new Problem('message-refused', { detail: 'The key is not one of the pinned keys.' })
  const channel = { issuer: from.issuer, audience: bank.issuer, type: bankOperations[operation].type }
  const message = await readMessage(channel, from.keys, bank.clock.nowMs(), schema, text)
  return { asker: { from, operation, messageId: message.id }, body: message.body }
}

function keyIdOf(text: string): string {
  try {
    return decodeProtectedHeader(text).kid ?? ''
  } catch (cause) {
    throw new Problem('message-refused', { cause, detail: 'The message is not a compact JWS.' })
  }
}

/**
 * Signs an answer that is bound to its request.
 * @param wrongly for a simulator that misbehaves: another key, or another request
 */
export function signAnswer(
  bank: Bank,
  { from, operation, messageId }: Asker,
  body: unknown,
  wrongly: { readonly key?: KeyPair; readonly inResponseTo?: string } = {},
): Promise<string> {
  const channel = { issuer: bank.issuer, audience: from.issuer, type: answerType(operation) }
  return signMessage(channel, wrongly.key ?? bank.keys.signing, bank.clock.nowMs(), {
    id: base64url(bank.random(16)),
    inResponseTo: wrongly.inResponseTo ?? messageId,
    body,
  })
}
