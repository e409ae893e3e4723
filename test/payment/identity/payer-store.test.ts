import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PasskeyStore, passkeyStore } from '../../../server/payment/identity/passkey-store.ts'
import { payerStore } from '../../../server/payment/identity/payer-store.ts'
import { makeSecret } from '../../../server/runtime/keys.ts'
import type { NewPasskey } from '../../../server/runtime/passkey.ts'
import { base64url } from '../../../shared/bytes.ts'
import { credentialIdSchema } from '../../../shared/evidence.ts'
import { parseUsername } from '../../../shared/username.ts'
import { engines, many, openStoreWorld, type StoreWorld } from '../store-world.ts'

describe.each(engines)('payers and their passkeys, on %s', (engine) => {
  let world: StoreWorld<'payment'>
  let payers: ReturnType<typeof payerStore>
  let passkeys: PasskeyStore
  beforeEach(async () => {
    world = await openStoreWorld(engine, 'payment')
    payers = payerStore({ ...world, nameKey: makeSecret() })
    passkeys = passkeyStore(world)
  })
  afterEach(() => world.close())

  const passkey = (change: Partial<NewPasskey> = {}): NewPasskey => ({
    credentialId: credentialIdSchema.parse(base64url(world.random(16))),
    publicKey: base64url(world.random(77)),
    signatureCounter: 0,
    isBackupEligible: false,
    isBackedUp: false,
    transports: ['internal', 'hybrid'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    ...change,
  })
  const newPayer = (name: string, own = passkey()) => ({
    id: world.payerId(),
    ...parseUsername(name),
    userHandle: base64url(world.random(16)),
    passkey: own,
  })
  async function added(name: string, own = passkey()) {
    const payer = newPayer(name, own)
    await payers.add(payer)
    return payer
  }
  const { username: ada } = parseUsername('ada')

  it('are found by their names, and shown as they were typed', async () => {
    const payer = await added('John_Wang')
    expect(await payers.idOfName('john_wang')).toBe(payer.id)
    expect(await payers.idOfName('John_Wang')).toBeNull()
    expect(await payers.nameOf(payer.id)).toEqual({ username: 'john_wang', display: 'John_Wang' })
    await expect(payers.nameOf(world.payerId())).rejects.toThrow('no result')
  })

  it('keep their names to themselves, and those that look alike', async () => {
    await added('paypal1')
    await expect(payers.assertFree(parseUsername('paypal1').username)).rejects.toMatchObject({ code: 'username-taken' })
    await expect(payers.assertFree(parseUsername('paypall').username)).rejects.toMatchObject({
      code: 'username-confusable',
    })
    await expect(payers.assertFree(ada)).resolves.toBeUndefined()
    await expect(payers.add(newPayer('paypall'))).rejects.toMatchObject({ code: 'username-confusable' })
  })

  it('get a name once, however many want it at the same time', async () => {
    const outcomes = await many(10, () =>
      payers.add(newPayer('ada')).then(
        () => 'added',
        ({ code }) => code,
      ),
    )
    expect(outcomes.toSorted()).toEqual(['added', ...Array(9).fill('username-taken')])
    expect(await payers.idOfName('ada')).not.toBeNull()
  })

  it('are kept together with their passkey, or not at all', async () => {
    const { passkey: taken } = await added('ada')
    await expect(payers.add(newPayer('bob', taken))).rejects.toMatchObject({ code: 'passkey-taken' })
    expect(await payers.idOfName('bob')).toBeNull()
    await expect(payers.assertFree(parseUsername('bob').username)).resolves.toBeUndefined()
  })

  it('have their passkeys found by id, and only as their own', async () => {
    const payer = await added('ada', passkey({ signatureCounter: 7, isBackupEligible: true, isBackedUp: true }))
    const other = await added('bob')
    const { credentialId, publicKey } = payer.passkey
    const owned = {
      payer: payer.id,
      userHandle: payer.userHandle,
      credentialId,
      publicKey,
      signatureCounter: 7,
      isBackupEligible: true,
      isBackedUp: true,
      lastUsedAtMs: null,
    }
    expect(await passkeys.passkey(credentialId)).toEqual(owned)
    expect(await passkeys.passkeyOf(payer.id, credentialId)).toEqual(owned)
    expect(await passkeys.passkeyOf(other.id, credentialId)).toBeNull()
    expect(await passkeys.passkeysOf(payer.id)).toMatchObject([{ credentialId }])
    expect(await passkeys.passkey(passkey().credentialId)).toBeNull()
  })

  async function owned(own: NewPasskey) {
    const { passkey: kept } = await added('ada', own)
    const found = await passkeys.passkey(kept.credentialId)
    if (found === null) throw new Error('a passkey that was added is found')
    return found
  }

  it('have the use of a passkey of one device noted once for each count', async () => {
    const found = await owned(passkey({ signatureCounter: 3 }))
    const notes = await many(5, () => passkeys.noteUse(found, { signatureCounter: 4, isBackedUp: false }))
    expect(notes.filter((isNoted) => isNoted)).toHaveLength(1)
    expect(await passkeys.passkey(found.credentialId)).toMatchObject({ signatureCounter: 4 })
    expect(await passkeys.noteUse(found, { signatureCounter: 4, isBackedUp: false })).toBe(false)
    expect(await passkeys.noteUse(found, { signatureCounter: 2 ** 32 - 1, isBackedUp: false })).toBe(true)
  })

  it('may use a synced passkey on many devices at once', async () => {
    const found = await owned(passkey({ isBackupEligible: true }))
    expect(await many(3, () => passkeys.noteUse(found, { signatureCounter: 0, isBackedUp: false }))).toEqual([
      true,
      true,
      true,
    ])
    expect(await many(3, () => passkeys.noteUse(found, { signatureCounter: 0, isBackedUp: true }))).toEqual([
      true,
      true,
      true,
    ])
    expect(await passkeys.passkey(found.credentialId)).toMatchObject({ isBackedUp: true })
  })
})
