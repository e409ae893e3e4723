import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { importJWK, jwtVerify } from 'jose'
import { base64url, bytesOfBase64url, utf8 } from '../../shared/bytes.ts'
import { type PushMessage, type PushTarget, pushMessageSchema } from '../../shared/wire/push-api.ts'

/** What came for one browser: opened with its key, and who says that it is from them. */
export type Pushed = {
  readonly message: PushMessage
  readonly headers: IncomingMessage['headers']
  /** What the push service has seen of it. */
  readonly closed: Buffer
}

/** A push service on this machine, as browsers bring one along: over HTTP, with real keys. It answers what it is told to. */
export async function openPushService() {
  const browsers = new Map<string, (closed: Buffer) => PushMessage>()
  const heard = new Map<string, Pushed[]>()
  const answers: number[] = []
  let usually = 201
  let called = Promise.withResolvers<void>()
  let hanging: Promise<void> | null = null
  const server = createServer(async (request, response) => {
    const closed = Buffer.concat(await request.toArray())
    const path = request.url ?? ''
    const open = browsers.get(path)
    const hang = hanging
    hanging = null
    called.resolve()
    await hang
    const status = open === undefined ? 410 : (answers.shift() ?? usually)
    if (open !== undefined && status === 201) {
      heard.get(path)?.push({ message: open(closed), headers: request.headers, closed })
    }
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server on a port has one')
  const origin = `http://127.0.0.1:${address.port}`

  return {
    origin,
    /** A browser that lets itself be reached. */
    browser() {
      const path = `/${base64url(randomBytes(16))}`
      const { target, open } = reachableAt(`${origin}${path}`)
      const pushed: Pushed[] = []
      browsers.set(path, open)
      heard.set(path, pushed)
      return {
        target,
        /** What it heard since the last look. */
        takes: () => pushed.splice(0),
        /** Its owner has taken it away: the push service knows nothing of it any more. */
        goes: () => void browsers.delete(path),
      }
    },
    /** The next messages get these, one after the other. */
    answersNext: (...statuses: number[]) => void answers.push(...statuses),
    /** From now on. */
    answers(status: number) {
      usually = status
    },
    /** The next message is answered only then. @returns when it has come */
    hangsUntil(end: Promise<void>): Promise<void> {
      hanging = end
      called = Promise.withResolvers()
      return called.promise
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
export type PushService = Awaited<ReturnType<typeof openPushService>>

/** A browser's own side: where it is reached, and how it opens what comes there. */
export function reachableAt(endpoint: string) {
  const keys = createECDH('prime256v1')
  keys.generateKeys()
  const auth = randomBytes(16)
  const target: PushTarget = {
    endpoint,
    keys: { p256dh: base64url(keys.getPublicKey()), auth: base64url(auth) },
  }
  return {
    target,
    open: (closed: Buffer): PushMessage => pushMessageSchema.parse(JSON.parse(opened(closed, keys, auth))),
  }
}

/** RFC 8291 §3.4 and RFC 8188 §2, as a browser does it: one record of `salt‖size‖length‖sender's key‖ciphertext`. */
function opened(closed: Buffer, own: ReturnType<typeof createECDH>, auth: Uint8Array): string {
  const salt = closed.subarray(0, 16)
  const keyEnd = 21 + closed.readUInt8(20)
  const sender = closed.subarray(21, keyEnd)
  const info = Buffer.concat([utf8('WebPush: info\0'), own.getPublicKey(), sender])
  const secret = Buffer.from(hkdfSync('sha256', own.computeSecret(sender), auth, info, 32))
  const derived = (what: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, utf8(`Content-Encoding: ${what}\0`), length))
  const decipher = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12))
  decipher.setAuthTag(closed.subarray(-16))
  const padded = Buffer.concat([decipher.update(closed.subarray(keyEnd, -16)), decipher.final()])
  // The last record ends with a 2 and padding. RFC 8188 §2
  return padded.subarray(0, padded.lastIndexOf(2)).toString()
}

/** RFC 8292: who says that they have sent it. @throws {Error} where it is not signed by the key that the browser subscribed with */
export async function senderOf({ headers }: Pushed, applicationServerKey: string, nowMs: number) {
  const [, token = '', key] = /^vapid t=([^,]+), k=(\S+)$/.exec(headers.authorization ?? '') ?? []
  if (key !== applicationServerKey) throw new Error('sent by somebody else')
  const point = bytesOfBase64url(key)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64url)
  const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, 'ES256')
  return (await jwtVerify(token, publicKey, { currentDate: new Date(nowMs) })).payload
}
