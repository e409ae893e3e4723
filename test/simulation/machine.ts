import type { Clock, Room, Tools } from '../../server/runtime/room.ts'
import type { Dice } from './dice.ts'
import { simulatedDisk } from './disk.ts'
import type { Faults } from './faults.ts'
import { type Answer, answerOf, Broken, type Message, requestOf } from './message.ts'
import type { Plant } from './plants.ts'
import type { Scheduler } from './scheduler.ts'
import type { Connection, Storage } from './storage.ts'

/** What all machines of a run share. */
export type Surroundings = {
  readonly scheduler: Scheduler
  readonly dice: Dice
  /** Changed in place when they stop. */
  readonly faults: Faults
  readonly plant: Plant
  readonly storage: Storage
  /** A room answered what only a fault could excuse. */
  complain(what: string): void
  /** A transaction that wrote has been committed to this database. */
  onCommit(file: string): void
}

/** One life of a room, from its start to the crash. Its memory and its pending work end with it. */
export type Incarnation = {
  readonly name: string
  readonly isAlive: () => boolean
  /** Excuses an internal error: its disk has failed. */
  excuse(): void
  /**
   * Does something outside of this room's memory: where its life may end. If it does, the promise never settles, and nothing that
   * waits for it goes on.
   * @param danger how many times likelier that is here than elsewhere
   */
  reach<T>(label: string, danger: number, act: () => Promise<T>): Promise<T>
}

export type Machine = {
  readonly name: string
  /** Hands a message to the room that runs here now. @throws {Broken} where none does, or it dies meanwhile */
  receive(message: Message): Promise<Answer>
  /** Starts the room where it is not running. */
  start(): void
  /** Puts the clock right, and keeps it so. */
  setClock(skewMs: number): void
  tick(): void
  /** Nothing of it goes on. */
  unplug(): void
}

/**
 * A computer on which a room runs, dies, and is started again over the same databases.
 * @param open opens the room with the tools it gets here
 */
export function machineOf(
  name: string,
  surroundings: Surroundings,
  open: (tools: Tools, incarnation: Incarnation) => Promise<Room>,
): Machine {
  const { scheduler, dice, faults } = surroundings
  let skewMs = 0
  let lives = 0
  let running: { readonly life: Life; room: Room | null } | null = null
  const clock: Clock = { nowMs: () => scheduler.clock.nowMs() + skewMs }

  function start(): void {
    if (running !== null) return
    lives += 1
    const life = lifeOf(`${name}#${lives}`, surroundings, () => crashed(life))
    const here: { readonly life: Life; room: Room | null } = { life, room: null }
    running = here
    const disk = simulatedDisk(surroundings, life.incarnation, life.connections)
    const random = dice.fork(`${name} ${lives}`).bytes
    const quiet = { info: () => {}, warn: () => {}, error: () => {} }
    open({ clock, random, log: quiet, disk }, life.incarnation).then(
      (room) => {
        here.room = room
        scheduler.note(`${life.incarnation.name} is open`)
      },
      () => life.end('could not open'),
    )
  }

  function crashed(life: Life): void {
    if (running?.life === life) running = null
    scheduler.after(dice.between(1, 20_000), null, start)
  }

  return {
    name,
    start,
    async receive(message) {
      if (running === null || running.room === null) throw new Broken(`${name} is down`)
      const { life, room } = running
      const answer = await Promise.race([life.death, answerOf(room.fetch(requestOf(message)))])
      if (answer.status === 500 && !life.isExcused()) {
        surroundings.complain(`${life.incarnation.name} answered ${message.method} ${message.path} with ${answer.body}`)
      }
      return answer
    },
    setClock(toMs) {
      skewMs = toMs
    },
    tick() {
      if (running === null || running.room === null) return
      if (dice.chance(faults.clock)) {
        skewMs = dice.between(-20_000, 20_000)
        scheduler.note(`${name} has its clock at ${skewMs} ms`)
      }
      // What goes wrong in one round is for the next.
      running.room.tick().catch(() => {})
    },
    unplug() {
      running?.life.end(null)
    },
  }
}

type Life = {
  readonly incarnation: Incarnation
  readonly connections: Set<Connection>
  /** Rejects when it ends. */
  readonly death: Promise<never>
  isExcused(): boolean
  /** @param why null where nobody shall start it again */
  end(why: string | null): void
}

function lifeOf(name: string, { scheduler, dice, faults }: Surroundings, onDeath: () => void): Life {
  const { promise: death, reject } = Promise.withResolvers<never>()
  death.catch(() => {})
  const connections = new Set<Connection>()
  let isAlive = true
  let isExcused = false

  function end(why: string | null): void {
    if (!isAlive) return
    isAlive = false
    for (const connection of connections) connection.close()
    if (why === null) return
    scheduler.note(`${name} dies: ${why}`)
    reject(new Broken(`${name} died`))
    onDeath()
  }

  function reach<T>(label: string, danger: number, act: () => Promise<T>): Promise<T> {
    return new Promise((resolve, fail) => {
      if (!isAlive) return
      scheduler.after(dice.below(4), null, () => {
        if (!isAlive) return
        const dies = dice.chance(faults.crash * danger) ? dice.pick(['before', 'after'] as const) : null
        scheduler.note(`${name} ${label}`)
        if (dies === 'before') return end(`before ${label}`)
        act().then(resolve, fail)
        if (dies === 'after') end(`after ${label}`)
      })
    })
  }

  return {
    incarnation: {
      name,
      isAlive: () => isAlive,
      excuse: () => {
        isExcused = true
      },
      reach,
    },
    connections,
    death,
    isExcused: () => isExcused,
    end,
  }
}
