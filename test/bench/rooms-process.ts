/** The payment server and the bank in a process of their own, which is asked how much CPU time it took. */

import { bankKeysIn } from '../../server/bank/room.ts'
import { lifetime } from '../../server/lifetime.ts'
import { openPayment, paymentKeysIn } from '../../server/payment/room.ts'
import { toolsFor } from '../../server/prepare.ts'
import { openBankRoom, publicKeysOfBank } from '../../server/run-bank.ts'
import { inProcess } from '../../server/runtime/peer.ts'
import { listen } from '../../server/runtime/serve.ts'
import { readWishes, type Settings, settingsOf } from '../../server/settings.ts'
import { nobodyListens } from '../support/nobody-listens.ts'
import type { RoomsReady } from './rooms.ts'

/** So many that the limiter, which does its work, refuses nobody: all payers come from one address here. */
const limits = { burst: 1_000_000, perMinute: 60_000_000 }
const merchant = { name: 'Bench Coffee', origin: 'https://coffee.example', apiKey: 'key_bench_0123456789abcdef' }

const life = lifetime()
const anyPort = (portVariable: string) => listen({ port: 0, hostname: '127.0.0.1', portVariable })
const doors = {
  bank: life.keepDoor(await anyPort('BANK_PORT')),
  payment: life.keepDoor(await anyPort('PAYMENT_PORT')),
}
const wishes = readWishes(process.env)
const settings = settingsOf(wishes, { bank: doors.bank.port, payment: doors.payment.port, shop: 0 })
await openRooms(settings, `${wishes.variables.DATA_DIRECTORY}/log.jsonl`)

process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => void life.end())
const ready: RoomsReady = {
  payment: { origin: settings.payment.origin, port: doors.payment.port, rpId: settings.payment.relyingParty.id },
  bank: { port: doors.bank.port },
  merchant,
}
process.send?.(ready)

/** As the house opens them, log file and worker included; only the shop is missing, and the limits are other ones. */
async function openRooms({ payment, bank, ...others }: Settings, logFile: string): Promise<void> {
  const toolsOf = toolsFor(logFile)
  const tools = { bank: toolsOf('bank'), payment: toolsOf('payment') }
  const bankKeys = await bankKeysIn(bank.keyDirectory, bank.isSimulator)
  const keys = await paymentKeysIn(payment.keyDirectory)
  const bankRoom = await openBankRoom({ payment, bank, ...others }, bankKeys, [keys.signing.publicJwk], tools.bank)
  doors.bank.leadTo(life.keepRoom(bankRoom, tools.bank.log))

  const { signing, sealing } = publicKeysOfBank(bankKeys)
  const [sealingKey] = sealing
  if (sealingKey === undefined) throw new Error('the bank has no sealing key')
  const paymentRoom = await openPayment(
    {
      ...payment,
      issuer: payment.origin,
      keys,
      bank: { issuer: bank.origin, name: bank.name, keys: signing, sealingKey },
      merchants: [merchant],
      webDirectory: null,
      isHttps: false,
      limits,
    },
    { bank: inProcess(bankRoom), webhooks: nobodyListens, push: nobodyListens },
    tools.payment,
  )
  doors.payment.leadTo(life.keepRoom(paymentRoom, tools.payment.log))
}
