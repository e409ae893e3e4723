import { MonikerWebhookRefused } from './problem.ts'
import type { PaymentEvent } from './types.ts'

/** Either is enough: the secret (`whsec_…`), or the public key (`whpk_…`), by which nobody can sign. */
export type WebhookKey = string
type Delivered = {
  /** The exact text of the body, before anything has read it. */
  readonly body: string
  readonly headers: { get(name: string): string | null }
}

const toleranceSeconds = 5 * 60

/**
 * Reads what came to your webhook, once it is sure who sent it (Standard Webhooks 1.0, `v1` and `v1a`). It may come again, so act on an
 * `id` once.
 * @param nowMs milliseconds since the Unix epoch; a webhook is good for five minutes
 * @throws {MonikerWebhookRefused} where it is not signed by this key, or not of now
 */
export async function readWebhook({ body, headers }: Delivered, key: WebhookKey, nowMs: number): Promise<PaymentEvent> {
  const id = headers.get('webhook-id') ?? ''
  const timestamp = headers.get('webhook-timestamp') ?? ''
  const signatures = (headers.get('webhook-signature') ?? '').split(' ')
  if (id === '' || !/^[0-9]{1,12}$/.test(timestamp)) throw new MonikerWebhookRefused('It has not the headers of one.')
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds)
    throw new MonikerWebhookRefused('It is not of now.')
  const isSigned = await verifierOf(key)
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  for (const signature of signatures) if (await isSigned(signature, signed)) return JSON.parse(body) as PaymentEvent
  throw new MonikerWebhookRefused('It is not signed by this key.')
}

type Verify = (signature: string, signed: Uint8Array<ArrayBuffer>) => Promise<boolean>

/** Both are compared by the platform, which does it in the same time however much is right. */
async function verifierOf(key: WebhookKey): Promise<Verify> {
  // Without its prefix nothing tells a secret from a public key, and what everybody knows must never be taken for a secret.
  const [, kind, text = ''] = /^wh(sec|pk)_(.+)$/.exec(key) ?? []
  const bytes = bytesOf(text)
  if (kind === undefined || bytes === null) throw new MonikerWebhookRefused('The key is not one of a webhook.')
  const isPublic = kind === 'pk'
  const algorithm = isPublic ? 'Ed25519' : { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']).catch((cause: unknown) => {
    throw new MonikerWebhookRefused('The key is not one of a webhook.', { cause })
  })
  const prefix = isPublic ? 'v1a,' : 'v1,'
  return async (signature, signed) => {
    const given = signature.startsWith(prefix) ? bytesOf(signature.slice(prefix.length)) : null
    return given !== null && crypto.subtle.verify(isPublic ? 'Ed25519' : 'HMAC', imported, given, signed)
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
