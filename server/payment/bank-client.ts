import type { z } from 'zod'
import { base64url } from '../../shared/bytes.ts'
import {
  answerType,
  type BankBody,
  type BankOperation,
  bankOperations,
  joseContentType,
} from '../../shared/wire/bank-api.ts'
import type { KeyPair, PublicKey } from '../runtime/keys.ts'
import type { Peer } from '../runtime/peer.ts'
import type { Tools } from '../runtime/room.ts'
import { pinKeys, readMessage, signMessage } from '../runtime/signed-message.ts'

const answerBytesMax = 64 * 1024
const messageIdBytes = 16
/** Only the path reaches the bank; where it is, the peer knows. */
const anyHost = 'https://bank.invalid'

/**
 * Asks the bank, by `shared/wire/bank-api.ts`. Every question has one of two ends: a reply that is signed by a pinned key, of
 * now, in response to this very message and about this very thing; or null, and then nothing at all is known.
 */
export async function bankClient(options: {
  peer: Peer
  issuer: string
  signing: KeyPair
  bank: { issuer: string; keys: readonly PublicKey[] }
  answerWithinMs: number
  /** Told of every answer; `silent` where there was none that could be believed. */
  onOutcome?: (operation: BankOperation, outcome: string) => void
  tools: Tools
}) {
  const { peer, issuer, signing, bank, answerWithinMs, onOutcome, tools } = options
  const { clock, random, log } = tools
  const pinned = await pinKeys(bank.keys)

  async function ask<A extends z.ZodType<object>>(operation: BankOperation, answer: A, body: object) {
    const { path } = bankOperations[operation]
    try {
      const reply = await exchange(operation, answer, body)
      if (reply === null) log.warn('bank-answered-something-else', { route: path })
      onOutcome?.(operation, reply === null ? 'silent' : outcomeOf(reply.body))
      return reply
    } catch (error) {
      log.warn('bank-silent', { route: path, error })
      onOutcome?.(operation, 'silent')
      return null
    }
  }

  async function exchange<A extends z.ZodType<object>>(operation: BankOperation, answer: A, body: object) {
    const { path, type } = bankOperations[operation]
    const id = base64url(random(messageIdBytes))
    const question = await signMessage({ issuer, audience: bank.issuer, type }, signing, clock.nowMs(), { id, body })
    const request = new Request(new URL(path, anyHost), {
      method: 'POST',
      headers: { 'content-type': joseContentType },
      body: question,
    })
    const signed = await withinMs(answerWithinMs, textOf(peer, request))
    const channel = { issuer: bank.issuer, audience: issuer, type: answerType(operation) }
    const message = await readMessage(channel, pinned, clock.nowMs(), answer, signed)
    return message.inResponseTo === id && isAbout(body, message.body) ? { body: message.body, signed } : null
  }

  return {
    enrol: (body: BankBody<'enrol'>) => ask('enrol', bankOperations.enrol.answer, body),
    authorize: (body: BankBody<'authorize'>) => ask('authorize', bankOperations.authorize.answer, body),
    inquire: (reference: string) => ask('inquire', bankOperations.inquire.answer, { reference }),
    capture: (body: BankBody<'capture'>) => ask('capture', bankOperations.capture.answer, body),
    refund: (body: BankBody<'refund'>) => ask('refund', bankOperations.refund.answer, body),
    void: (reference: string) => ask('void', bankOperations.void.answer, { reference }),
    statement: (body: BankBody<'statement'>) => ask('statement', bankOperations.statement.answer, body),
    standing: (body: BankBody<'standing'>) => ask('standing', bankOperations.standing.answer, body),
    limit: (body: BankBody<'limit'>) => ask('limit', bankOperations.limit.answer, body),
    allowance: (body: BankBody<'allowance'>) => ask('allowance', bankOperations.allowance.answer, body),
    freeze: (body: BankBody<'freeze'>) => ask('freeze', bankOperations.freeze.answer, body),
    bind: (body: BankBody<'bind'>) => ask('bind', bankOperations.bind.answer, body),
    revoke: (body: BankBody<'revoke'>) => ask('revoke', bankOperations.revoke.answer, body),
    recover: (body: BankBody<'recover'>) => ask('recover', bankOperations.recover.answer, body),
    undo: (body: BankBody<'undo'>) => ask('undo', bankOperations.undo.answer, body),
    unbind: (body: BankBody<'unbind'>) => ask('unbind', bankOperations.unbind.answer, body),
    reseal: (body: BankBody<'reseal'>) => ask('reseal', bankOperations.reseal.answer, body),
    reverse: (reference: string) => ask('reverse', bankOperations.reverse.answer, { reference }),
  }
}
export type BankClient = Awaited<ReturnType<typeof bankClient>>

const outcomeOf = (answer: object): string => ('outcome' in answer ? String(answer.outcome) : 'answered')

/** An answer that names another card, reference or recovery than the question did is an answer to somebody else's question. */
const isAbout = (question: object, answer: object): boolean => subjectOf(question) === subjectOf(answer)

const subjectOf = (message: object): unknown =>
  'reference' in message
    ? message.reference
    : 'card' in message
      ? message.card
      : 'recovery' in message
        ? message.recovery
        : undefined

async function textOf(peer: Peer, request: Request): Promise<string> {
  const response = await peer(request)
  if (response.status !== 200) throw new Error(`the bank answered with status ${response.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > answerBytesMax) throw new Error('the bank answered at too great a length')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A bank in the same process can be as silent as one far away. */
async function withinMs<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('the bank did not answer in time')), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
