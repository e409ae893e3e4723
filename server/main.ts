import './require-node.mjs'
import { startApart } from './apart.ts'
import { openHouse } from './house.ts'
import { liveUntilStopped } from './live-until-stopped.ts'
import { readWishes } from './settings.ts'
import { welcome } from './welcome.ts'

const open = process.argv.includes('--apart') ? startApart : openHouse

await liveUntilStopped(async () => {
  const house = await open(process.env)
  process.stdout.write(welcome(house.addresses, readWishes(process.env).variables.DATA_DIRECTORY))
  return house
})
