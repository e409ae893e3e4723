import './require-node.mjs'
import { startApart } from './apart.ts'
import { openHouse } from './house.ts'
import { liveUntilStopped } from './live-until-stopped.ts'
import { readWishes, settingsOf } from './settings.ts'
import { welcome } from './welcome.ts'

const open = process.argv.includes('--apart') ? startApart : openHouse

await liveUntilStopped(async () => {
  const house = await open(process.env)
  const wishes = readWishes(process.env)
  const { bank } = settingsOf(wishes, wishes.ports)
  const facts = {
    dataDirectory: wishes.variables.DATA_DIRECTORY,
    bankKeyDirectory: bank.keyDirectory,
    isBankSimulated: bank.isSimulator,
  }
  process.stdout.write(welcome(house.addresses, facts))
  return house
})
