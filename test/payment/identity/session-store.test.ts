import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { payerStore } from '../../../server/payment/identity/payer-store.ts'
import { type Sessions, sessions } from '../../../server/payment/identity/session.ts'
import { makeSecret } from '../../../server/runtime/keys.ts'
import { base64url } from '../../../shared/bytes.ts'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import type { PayerId } from '../../../shared/identifiers.ts'
import { parseUsername } from '../../../shared/username.ts'
import { engines, openStoreWorld, type StoreWorld } from '../store-world.ts'

const minuteMs = 60_000
const missing = { code: 'session-missing' }
const credentialId = credentialIdSchema.parse('AAAA')

describe.each(engines)('a session, on %s', (engine) => {
  let world: StoreWorld<'payment'>
  let open: Sessions
  let payer: PayerId
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'payment')
    const { database, clock, random } = world
    open = sessions({ database, clock, random })
    payer = world.payerId()
    const passkey = {
      credentialId,
      publicKey: 'AAAA',
      signatureCounter: 0,
      isBackupEligible: true,
      isBackedUp: true,
      transports: [],
      aaguid: '',
    }
    const userHandle = base64url(random(16))
    const payers = payerStore({ ...world, nameKey: makeSecret() })
    await payers.add({ id: payer, ...parseUsername('ada'), userHandle, passkey })
  })
  afterEach(() => world.close())

  const kept = () => world.database.db.selectFrom('session').selectAll().execute()

  it('is its payer’s, by a token that the database does not hold', async () => {
    const token = await open.open(payer, credentialId)
    expect(await open.payerOf(token)).toBe(payer)
    expect(JSON.stringify(await kept())).not.toContain(token)
  })

  it('tells which passkey opened it, and ends with that passkey', async () => {
    const token = await open.open(payer, credentialId)
    expect(await open.passkeyOf(token)).toBe(credentialId)
    await world.database.db.deleteFrom('passkey').execute()
    await expect(open.payerOf(token)).rejects.toMatchObject(missing)
  })

  it('is nobody’s by another token, or none', async () => {
    const token = await open.open(payer, credentialId)
    for (const other of [undefined, '', `${token}x`, token.slice(1)]) {
      await expect(open.payerOf(other)).rejects.toMatchObject(missing)
    }
  })

  it('ends after fifteen idle minutes, and goes on while it is used', async () => {
    const token = await open.open(payer, credentialId)
    for (let uses = 0; uses < 4; uses += 1) {
      world.clock.advance(15 * minuteMs - 1)
      expect(await open.payerOf(token)).toBe(payer)
    }
    world.clock.advance(15 * minuteMs)
    await expect(open.payerOf(token)).rejects.toMatchObject(missing)
  })

  it('ends after twelve hours however busy it is', async () => {
    const token = await open.open(payer, credentialId)
    for (let passed = 10; passed < 720; passed += 10) {
      world.clock.advance(10 * minuteMs)
      await open.payerOf(token)
    }
    world.clock.advance(10 * minuteMs)
    await expect(open.payerOf(token)).rejects.toMatchObject(missing)
  })

  it('ends when somebody ends it, and no other does', async () => {
    const [mine, elsewhere] = [await open.open(payer, credentialId), await open.open(payer, credentialId)]
    await open.end(mine)
    await open.end(undefined)
    await expect(open.payerOf(mine)).rejects.toMatchObject(missing)
    expect(await open.payerOf(elsewhere)).toBe(payer)
  })

  it('is forgotten once nobody can use it, and not before', async () => {
    const idle = await open.open(payer, credentialId)
    world.clock.advance(10 * minuteMs)
    const busy = await open.open(payer, credentialId)
    world.clock.advance(5 * minuteMs)
    await open.forgetOld()
    expect(await kept()).toHaveLength(1)
    await expect(open.payerOf(idle)).rejects.toMatchObject(missing)
    expect(await open.payerOf(busy)).toBe(payer)
  })
})
