import { lifetime } from './lifetime.ts'
import { liveUntilStopped, type Running } from './live-until-stopped.ts'
import { assertWritable, toolsFor } from './prepare.ts'
import type { Environment } from './runtime/configuration.ts'
import type { Room, Tools } from './runtime/room.ts'
import { listen } from './runtime/serve.ts'
import { placeOf, type RoomName, readWishes, type Settings, settingsOf } from './settings.ts'

type Open = (settings: Settings, tools: Tools) => Promise<Room>

/** Lives as one room until it is told to stop; whoever started the process with a channel is told when it is ready. */
export const runAlone = (name: RoomName, open: Open): Promise<void> =>
  liveUntilStopped(async () => {
    const running = await openAlone(name, open, process.env)
    process.send?.('ready')
    return running
  })

async function openAlone(name: RoomName, open: Open, environment: Environment): Promise<Running> {
  const wishes = readWishes(environment)
  const { DATA_DIRECTORY, LOG_FILE } = wishes.variables
  await assertWritable(DATA_DIRECTORY)
  const life = lifetime()
  try {
    const door = life.keepDoor(await listen(placeOf(wishes, name)))
    const settings = settingsOf(wishes, { ...wishes.ports, [name]: door.port })
    const tools = toolsFor(LOG_FILE ?? '-')(name)
    door.leadTo(life.keepRoom(await open(settings, tools), tools.log))
    return { end: life.end }
  } catch (error) {
    await life.end()
    throw error
  }
}
