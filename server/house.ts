import { bankKeysIn } from './bank/room.ts'
import { lifetime } from './lifetime.ts'
import type { Running } from './live-until-stopped.ts'
import { paymentKeysIn } from './payment/room.ts'
import { assertPagesAreBuilt, assertWritable, toolsFor } from './prepare.ts'
import { publishKeys } from './public-keys.ts'
import { openBankRoom, publicKeysOfBank } from './run-bank.ts'
import { openPaymentRoom } from './run-payment.ts'
import { openShopRoom } from './run-shop.ts'
import type { Environment } from './runtime/configuration.ts'
import { inProcess, type Peer } from './runtime/peer.ts'
import { type Clock, type Room, systemClock, type Tools } from './runtime/room.ts'
import { type Door, listen } from './runtime/serve.ts'
import {
  type Addresses,
  addressesOf,
  placeOf,
  type RoomName,
  readWishes,
  type Settings,
  settingsOf,
} from './settings.ts'

/** All rooms, however they are arranged. */
export type House = Running & { readonly addresses: Addresses }

/** What a house does not make itself: time, and the ways between its rooms. */
export type Surroundings = {
  readonly clock: Clock
  /** @param to the room that is asked */
  readonly way: (to: RoomName, peer: Peer) => Peer
}

const asInLife: Surroundings = { clock: systemClock, way: (_to, peer) => peer }

/**
 * Every room in this process. They still speak in the same signed bytes as apart; only the way to the next room is shorter.
 * @throws {StartupError} what an operator can mend
 */
export async function openHouse(environment: Environment, surroundings: Surroundings = asInLife): Promise<House> {
  const wishes = readWishes(environment)
  const { DATA_DIRECTORY, WEB_DIRECTORY, LOG_FILE } = wishes.variables
  await assertPagesAreBuilt(WEB_DIRECTORY)
  await assertWritable(DATA_DIRECTORY)
  const life = lifetime()
  const door = async (name: RoomName): Promise<Door> => life.keepDoor(await listen(placeOf(wishes, name)))
  try {
    const doors = { bank: await door('bank'), payment: await door('payment'), shop: await door('shop') }
    const settings = settingsOf(wishes, { bank: doors.bank.port, payment: doors.payment.port, shop: doors.shop.port })
    const toolsOf = toolsFor(LOG_FILE ?? `${DATA_DIRECTORY}/log.jsonl`, surroundings.clock)
    await openRooms(settings, toolsOf, surroundings.way, (name, room, tools) =>
      doors[name].leadTo(life.keepRoom(room, tools.log)),
    )
    return { addresses: addressesOf(settings), end: life.end }
  } catch (error) {
    await life.end()
    throw error
  }
}

type ToolsOf = (name: RoomName) => Tools
type Keep = (name: RoomName, room: Room, tools: Tools) => void

/** The bank first and the shop last: each room is handed the way to the one it asks. */
async function openRooms(settings: Settings, toolsOf: ToolsOf, way: Surroundings['way'], keep: Keep): Promise<void> {
  const tools = { bank: toolsOf('bank'), payment: toolsOf('payment'), shop: toolsOf('shop') }
  const bankKeys = await bankKeysIn(settings.bank.keyDirectory, settings.bank.isSimulator)
  const paymentKeys = await paymentKeysIn(settings.payment.keyDirectory)

  // Nobody waits for it here. `npm run reconcile` asks the bank in a process of its own.
  await publishKeys(settings.bank.publicDirectory, publicKeysOfBank(bankKeys))

  const bank = await openBankRoom(settings, bankKeys, [paymentKeys.signing.publicJwk], tools.bank)
  keep('bank', bank, tools.bank)
  const peers = { bank: way('bank', inProcess(bank)) }
  const payment = await openPaymentRoom(settings, paymentKeys, publicKeysOfBank(bankKeys), peers, tools.payment)
  keep('payment', payment, tools.payment)
  const tillPeers = { payment: way('payment', inProcess(payment)) }
  keep('shop', await openShopRoom(settings, tillPeers, tools.shop), tools.shop)
}
