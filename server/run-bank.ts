import { type BankKeys, bankKeysIn, openBank } from './bank/room.ts'
import { operatorToken } from './prepare.ts'
import { pinnedKeys, publishKeys } from './public-keys.ts'
import { runAlone } from './run-alone.ts'
import type { PublicKey } from './runtime/keys.ts'
import type { Room, Tools } from './runtime/room.ts'
import type { Settings } from './settings.ts'

/** @param paymentKeys those of the payment server, whose messages the bank reads */
export const openBankRoom = async (
  { bank, payment }: Settings,
  keys: BankKeys,
  paymentKeys: readonly PublicKey[],
  tools: Tools,
): Promise<Room> =>
  openBank(
    {
      databaseUrl: bank.databaseUrl,
      issuer: bank.origin,
      name: bank.name,
      keys,
      paymentServers: [{ issuer: payment.origin, keys: paymentKeys, relyingParty: payment.relyingParty }],
      isSimulator: bank.isSimulator,
      operatorToken: await operatorToken(bank.keyDirectory),
    },
    tools,
  )

/** The current ones first. */
export const publicKeysOfBank = ({ signing, formerSigning, sealing }: BankKeys) => ({
  signing: [signing, ...formerSigning].map((key) => key.publicJwk),
  sealing: sealing.map((key) => key.publicJwk),
})

async function openAlone(settings: Settings, tools: Tools): Promise<Room> {
  const keys = await bankKeysIn(settings.bank.keyDirectory, settings.bank.isSimulator)
  await publishKeys(settings.bank.publicDirectory, publicKeysOfBank(keys))
  return openBankRoom(settings, keys, await pinnedKeys(settings.payment.publicDirectory, 'signing'), tools)
}

if (import.meta.main) await runAlone('bank', openAlone)
