import { expect, it } from 'vitest'
import { lifetime } from '../../server/lifetime.ts'
import { silentLog } from '../../server/runtime/log.ts'
import type { Stop } from '../../server/runtime/room.ts'
import type { Door } from '../../server/runtime/serve.ts'

/** A room whose ticks last as long as the test wants. */
function roomWith(tick: (stop: Stop | undefined) => Promise<void>, happened: string[]) {
  return {
    fetch: () => new Response(),
    tick,
    close: async () => void happened.push('room closed'),
  }
}
const doorThat = (close: () => Promise<void>): Door => ({ port: 0, leadTo: () => {}, close })

it('tells a round that is under way to begin nothing new, waits for it, and closes the room then', async () => {
  const happened: string[] = []
  const [begun, mayEnd] = [Promise.withResolvers<Stop | undefined>(), Promise.withResolvers<void>()]
  const life = lifetime()
  const tick = async (stop: Stop | undefined): Promise<void> => {
    begun.resolve(stop)
    await mayEnd.promise
    happened.push('round ended')
  }
  life.keepRoom(roomWith(tick, happened), silentLog)
  const stop = await begun.promise
  expect(stop?.aborted).toBe(false)
  const ended = life.end()
  expect(stop?.aborted).toBe(true)
  mayEnd.resolve()
  await ended
  expect(happened).toEqual(['round ended', 'room closed'])
})

it('lets time pass in the rooms while a door waits for what is in flight', async () => {
  const happened: string[] = []
  const answered = Promise.withResolvers<void>()
  const life = lifetime()
  life.keepDoor(doorThat(() => answered.promise))
  // What is in flight waits for a tick, as at a bank that answers late.
  const tick = async (stop: Stop | undefined): Promise<void> => {
    if (stop?.aborted) answered.resolve()
  }
  life.keepRoom(roomWith(tick, happened), silentLog)
  await life.end()
  expect(happened).toEqual(['room closed'])
})

it('goes on with everything else while one round waits for a stranger', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const again = Promise.withResolvers<void>()
  let rounds = 0
  const goesOn = async (): Promise<void> => {
    rounds += 1
    if (rounds === 2) again.resolve()
  }
  const life = lifetime()
  life.keepRoom({ ...roomWith(async () => {}, []), ticksOutward: [() => answered, goesOn] }, silentLog)
  await again.promise
  answer()
  await life.end()
  expect(rounds).toBeGreaterThanOrEqual(2)
})
