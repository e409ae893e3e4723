import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'

/** One kind of operation, and how often a payment does it. */
type Operation = {
  readonly what: string
  readonly times: number
  /** The lines of code that do it, in the rooms. */
  readonly where: string
  /** @param index counts payments, so that operations on a payer's things take another payer's each time */
  run(index: number): unknown
}

/** What was measured of an operation: CPU time for all its times in one payment. */
export type MeasuredOperation = { readonly what: string; readonly where: string; readonly cpuMicros: number }
export type Floor = { readonly operations: readonly MeasuredOperation[]; readonly cpuMicros: number }

/** Bytes, as a payment of this benchmark has them. */
const size = {
  /** Authenticator data and the hash of the client data: WebAuthn L3 §6.3.3 step 11. */
  assertion: 37 + 32,
  question: 2_527,
  answer: 842,
  questionBody: 1_660,
  cardRecord: 595,
  recordContents: 341,
  intent: 402,
  clientData: 138,
  relyingParty: 13,
  passkey: 77,
  keyedText: 38,
} as const

const warmUpPayments = 200
const measuredPayments = 1_000

/**
 * The cryptography of one whole payment (intent, confirmation, authorization, answer) by bare synchronous `node:crypto`, with
 * keys imported before: what remains of a payment if everything but its cryptography were free.
 * @param payers how many different passkeys sign in turn
 */
export function measureFloor(payers: number): Floor {
  const measured = operationsOfOnePayment(payers).map((operation) => ({
    what: `${operation.times} × ${operation.what}`,
    where: operation.where,
    cpuMicros: cpuMicrosOf(operation),
  }))
  return { operations: measured, cpuMicros: measured.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) }
}

function cpuMicrosOf({ times, run }: Operation): number {
  const repeat = (payments: number) => {
    for (let index = 0; index < payments; index += 1) {
      for (let time = 0; time < times; time += 1) run(index)
    }
  }
  repeat(warmUpPayments)
  const before = process.cpuUsage()
  repeat(measuredPayments)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / measuredPayments
}

/** In the order a payment comes to them; a line here has its line in the rooms' code. */
function operationsOfOnePayment(payers: number): readonly Operation[] {
  return [...signatures(payers), ...encryptions(), ...hashes()]
}

function signatures(payers: number): readonly Operation[] {
  const passkeys = Array.from({ length: payers }, () => signed(size.assertion, 'der'))
  const question = signed(size.question, 'ieee-p1363')
  const answer = signed(size.answer, 'ieee-p1363')
  return [
    {
      what: 'ES256 verify, passkey',
      times: 2,
      where: 'payment/identity/prove, bank/check-evidence',
      run: (index) => passkeys[index % payers]?.verify(),
    },
    { what: 'ES256 sign, question', times: 1, where: 'payment/bank-client', run: question.sign },
    { what: 'ES256 verify, question', times: 1, where: 'bank/exchange', run: question.verify },
    { what: 'ES256 sign, answer', times: 1, where: 'bank/exchange', run: answer.sign },
    { what: 'ES256 verify, answer', times: 1, where: 'payment/bank-client', run: answer.verify },
  ]
}

/** A message with its signature; WebAuthn spells signatures in DER, JWS as two numbers (RFC 7518 §3.4). */
function signed(bytes: number, dsaEncoding: 'der' | 'ieee-p1363') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = randomBytes(bytes)
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding })
  return {
    sign: () => sign('sha256', message, { key: privateKey, dsaEncoding }),
    verify: () => verify('sha256', message, { key: publicKey, dsaEncoding }, signature),
  }
}

function encryptions(): readonly Operation[] {
  const record = closed(size.cardRecord)
  const contents = closed(size.recordContents)
  const body = closed(size.questionBody)
  return [
    { what: 'AES-256-GCM open, card record', times: 1, where: 'payment/retrieval', run: record.open },
    { what: 'AES-256-GCM open, what is in it', times: 1, where: 'bank/card-record', run: contents.open },
    { what: 'AES-256-GCM close, question', times: 1, where: 'payment/pay', run: body.close },
  ]
}

function closed(bytes: number) {
  const key = createSecretKey(randomBytes(32))
  const context = randomBytes(size.keyedText)
  const plaintext = randomBytes(bytes)
  const close = () => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context)
    return { nonce, ciphertext: Buffer.concat([cipher.update(plaintext), cipher.final()]), tag: cipher.getAuthTag() }
  }
  const { nonce, ciphertext, tag } = close()
  const open = () => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(context).setAuthTag(tag)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  }
  return { close, open }
}

function hashes(): readonly Operation[] {
  const key = createSecretKey(randomBytes(32))
  const hmac = (bytes: number) => {
    const text = randomBytes(bytes)
    return () => createHmac('sha256', key).update(text).digest()
  }
  const sha256 = (bytes: number) => {
    const text = randomBytes(bytes)
    return () => createHash('sha256').update(text).digest()
  }
  return [
    { what: 'HMAC, name and its decoy', times: 4, where: 'payment/identity/name, twice', run: hmac(size.keyedText) },
    { what: 'HMAC, pseudonym', times: 3, where: 'payment/offer, payment/pay', run: hmac(size.keyedText) },
    { what: 'HMAC, intent', times: 2, where: 'payment/identity/challenge', run: hmac(size.intent) },
    { what: 'HMAC, card number and code', times: 2, where: 'bank/authorize', run: hmac(size.keyedText) },
    { what: 'SHA-256, intent', times: 4, where: 'shared/intent, twice in each room', run: sha256(size.intent) },
    { what: 'SHA-256, client data', times: 2, where: 'runtime/passkey, both rooms', run: sha256(size.clientData) },
    { what: 'SHA-256, relying party', times: 2, where: 'runtime/passkey, both rooms', run: sha256(size.relyingParty) },
    { what: 'SHA-256, passkey', times: 1, where: 'payment/settle', run: sha256(size.passkey) },
    { what: 'SHA-256, question', times: 1, where: 'bank/authorize', run: sha256(size.questionBody) },
    { what: 'random 16 bytes', times: 7, where: 'nonces and identifiers', run: () => randomBytes(16) },
  ]
}
