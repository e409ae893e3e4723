import { openBank } from '../../server/bank/room.ts'
import { openPayment } from '../../server/payment/room.ts'
import type { Peer } from '../../server/runtime/peer.ts'
import type { Http } from '../support/http.ts'
import { nobodyListens } from '../support/nobody-listens.ts'
import { isOver, openBooks } from './books.ts'
import { type Dice, diceOf } from './dice.ts'
import { noFaults, someFaults } from './faults.ts'
import { honestPayer } from './honest-payer.ts'
import { checkBank, checkEverything } from './invariants.ts'
import { type Incarnation, type Machine, machineOf, type Surroundings } from './machine.ts'
import { Broken, messageOf, responseOf } from './message.ts'
import { type Network, networkOf } from './network.ts'
import { nothingPlanted, type Plant } from './plants.ts'
import { lateMs, type Person, type Prepared, shops, startMs } from './prepared.ts'
import { startScheduler } from './scheduler.ts'
import { type Shopkeeper, shopkeeper } from './shop.ts'
import { type Notes, type Order, type Stage, starts } from './stage.ts'
import { thief } from './thief.ts'

export type Outcome = {
  readonly seed: number
  /** What must not have happened, each once. */
  readonly complaints: readonly string[]
  readonly trace: readonly string[]
  /** How many payments ended in each state. */
  readonly states: Readonly<Record<string, number>>
}

/** Longer than anybody in the story still has patience. */
const storyMs = 60_000
const calmHoursMax = 3
const roundMs = 12 * 60_000
const actorsWaitMs = 15_000

/**
 * Lives through one run: payers, shops, a thief, one or two payment servers over one database, a bank, and everything that can go wrong
 * between and inside them. The seed decides all of it.
 * @param directory for databases of this run; made and removed
 */
export async function simulate(
  seed: number,
  prepared: Prepared,
  directory: string,
  plant: Plant = nothingPlanted,
): Promise<Outcome> {
  const dice = diceOf(`seed ${seed}`)
  const beginsAtMs = dice.pick([startMs, lateMs])
  const scheduler = startScheduler(beginsAtMs, dice)
  const paymentServers = dice.chance(0.2) ? ['payment-a', 'payment-b'] : ['payment']
  const storage = prepared.storages.open(paymentServers.length > 1 ? ['payment.db', 'cards.db'] : [], directory)
  const books = openBooks(storage)
  const complaints = new Set<string>()
  const complain = (what: string): void => {
    if (!complaints.has(what)) scheduler.note(`!! ${what}`)
    complaints.add(what)
  }
  const surroundings: Surroundings = {
    scheduler,
    dice,
    faults: someFaults(dice),
    plant,
    storage,
    complain,
    onCommit(file) {
      if (file !== 'bank.db') return
      plant.meddle?.(books.bankDatabase)
      checkBank(books, prepared.people, complain)
    },
  }
  const machines = machinesOf(prepared, surroundings, paymentServers)
  const notes: Notes = { signed: [], told: [], ordered: [], overheard: [], complain }
  const stage: Stage = {
    scheduler,
    dice,
    people: prepared.people,
    notes,
    http: doorOf(machines.payment, machines.network, surroundings, notes),
  }

  try {
    for (const machine of machines.all) machine.start()
    await scheduler.runUntil(beginsAtMs + 1_000)
    tellStory(stage, machines.all, surroundings, beginsAtMs + storyMs)
    await scheduler.runUntil(beginsAtMs + storyMs)
    await calmDown(surroundings, machines.all, () => books.payments().every(isOver))
    if (dice.chance(0.15)) {
      // Longer than money stays set aside.
      scheduler.leap(8 * 24 * 60 * 60_000)
      await calmDown(surroundings, machines.all, () =>
        books.payments().every((payment) => isOver(payment) && payment.state !== 'authorized'),
      )
      for (const { id, state } of books.payments()) if (state === 'authorized') complain(`${id} is authorized for ever`)
    }
    if (dice.chance(0.15)) {
      await oneMorePayment(stage, scheduler.clock.nowMs())
      await calmDown(surroundings, machines.all, () => books.payments().every(isOver))
    }
    checkEverything(books, prepared.people, notes)
    const states = Object.fromEntries(
      [...Map.groupBy(books.payments(), ({ state }) => state)].map(([state, { length }]) => [state, length]),
    )
    return { seed, complaints: [...complaints], trace: scheduler.trace, states }
  } finally {
    for (const machine of machines.all) machine.unplug()
    scheduler.stop()
    books.close()
    storage.remove()
  }
}

function machinesOf(prepared: Prepared, surroundings: Surroundings, paymentServers: readonly string[]) {
  const network = networkOf(surroundings)
  const bank = machineOf('bank', surroundings, (tools) => openBank(prepared.bank, tools))
  /** Between payment server and bank nothing but the signatures is believed. */
  const wayToBank = (from: Incarnation): Peer => {
    return async (request) => {
      const message = await messageOf(request)
      const way = `${from.name} → bank ${message.path}`
      return responseOf(
        await from.reach(`asks bank ${message.path}`, 10, () => network.exchange(way, message, bank.receive, true)),
      )
    }
  }
  const payment = paymentServers.map((name) =>
    machineOf(name, surroundings, (tools, incarnation) =>
      openPayment(
        prepared.payment,
        { bank: wayToBank(incarnation), webhooks: nobodyListens, push: nobodyListens },
        tools,
      ),
    ),
  )
  return { network, payment, all: [bank, ...payment] }
}

/** How people and shops reach the payment server: over TLS, with patience that ends. */
function doorOf(payment: readonly Machine[], network: Network, { scheduler, dice }: Surroundings, notes: Notes): Http {
  return async (request) => {
    const message = await messageOf(request)
    if (message.path.endsWith('/confirmation')) notes.overheard.push(message)
    const machine = dice.pick(payment)
    const way = `${message.method} ${routeOf(message.path)} at ${machine.name}`
    const { promise: late, reject } = Promise.withResolvers<never>()
    scheduler.after(actorsWaitMs, null, () => reject(new Broken(`${way} takes too long`)))
    return responseOf(await Promise.race([network.exchange(way, message, machine.receive, false), late]))
  }
}

/** Without what is of one run alone, such as an id. */
const routeOf = (path: string): string => path.replace(/pay_[A-Za-z0-9_-]{22}/, (id) => id.slice(0, 8))

function tellStory(
  stage: Stage,
  machines: readonly Machine[],
  { scheduler, dice, faults }: Surroundings,
  untilMs: number,
): void {
  for (const machine of machines) tickLater(machine)
  const orders: Order[] = []
  const everybody = stage.people.filter(({ username }) => username !== 'mallory')
  const sales = dice.pick([1, 1, 1, 1, 2, 3])
  const { prices, honest } = habitOf(dice, sales, everybody)
  const manually = dice.pick([0.1, 0.5, 1])
  for (let count = sales; count > 0; count -= 1) {
    const reference = `order-${count}`
    starts(stage, async () => {
      await scheduler.sleep(dice.between(0, dice.pick([10, 30_000])))
      await oneSale(stage, { reference, prices, manually }, honest, orders)
    })
  }
  const [crook] = stage.people.filter(({ username }) => username === 'mallory')
  if (crook !== undefined && dice.chance(0.35)) starts(stage, () => thief(stage, crook).triesEverything(orders))

  function tickLater(machine: Machine): void {
    scheduler.after(dice.between(1_000, dice.pick([20_000, 50_000])), null, () => {
      if (scheduler.clock.nowMs() > untilMs) return
      if (dice.chance(faults.clock / 20)) scheduler.leap(dice.between(10_000, 120_000))
      machine.tick()
      tickLater(machine)
    })
  }
}

type Trade = {
  readonly reference: string
  /** From, to. Minor units. */
  readonly prices: readonly [number, number]
  /** How likely a shop is to set money aside first. */
  readonly manually: number
}
type Habit = Pick<Trade, 'prices'> & { readonly honest: readonly Person[] }
/** From, to. Minor units. */
const usualPrices = [
  [1_00, 20_00],
  [30_00, 70_00],
] as const

/** Who pays, and how much. Where several payments are made, most often one payer cannot afford them all. */
function habitOf(dice: Dice, sales: number, everybody: readonly Person[]): Habit {
  const one = dice.pick(everybody)
  if (sales > 1 && dice.chance(0.7)) return { prices: one.tooMuchMinor, honest: [one] }
  return { prices: dice.pick(usualPrices), honest: dice.chance(0.5) ? [one] : everybody }
}

async function oneSale(
  stage: Stage,
  { reference, prices, manually }: Trade,
  honest: readonly Person[],
  orders: Order[],
): Promise<void> {
  const { dice, scheduler } = stage
  const keeper = shopkeeper(stage, dice.pick(shops))
  const order = await keeper.sells(reference, dice.between(...prices), dice.chance(manually) ? 'manual' : 'automatic')
  if (order === null) return
  orders.push(order)
  for (let payers = dice.pick([1, 1, 1, 2]); payers > 0; payers -= 1) {
    const person = dice.pick(honest)
    starts(stage, () => honestPayer(stage, person).pays(order))
  }
  if (dice.chance(0.2)) {
    await scheduler.sleep(dice.between(0, dice.pick([100, 20_000])))
    await keeper.cancels(order)
  }
  starts(stage, () => bookkeeping(stage, keeper, order))
  for (let looks = dice.between(0, 1); looks > 0; looks -= 1) {
    await scheduler.sleep(dice.between(100, 30_000))
    await keeper.looksAt(order)
  }
}

/** The shop captures, gives back and lets go, sometimes two at once. */
async function bookkeeping(stage: Stage, keeper: Shopkeeper, order: Order): Promise<void> {
  const { dice, scheduler } = stage
  for (let orders = dice.pick([0, 1, 2, 3]); orders > 0; orders -= 1) {
    await scheduler.sleep(dice.between(0, dice.pick([200, 30_000])))
    // Whoever does not look first is most often refused, which has been seen soon.
    if (dice.chance(0.8) && !isPaid(await keeper.looksAt(order))) continue
    const kinds = dice.pick([
      ['capture'],
      ['capture', 'capture'],
      ['refund'],
      ['refund', 'refund'],
      ['void'],
      ['capture', 'void'],
    ] as const)
    await Promise.all(kinds.map((kind, index) => keeper.orders(kind, order, `${order.payment}-${orders}-${index}`)))
  }
}

const isPaid = (state: string | null): boolean =>
  state !== null && ['authorized', 'captured', 'refunded'].includes(state)

/** Faults stop, clocks are right, and time passes: now everything has to find out what became of it. */
async function calmDown(
  { scheduler, faults }: Surroundings,
  machines: readonly Machine[],
  isAllOver: () => boolean,
): Promise<void> {
  scheduler.note('faults stop')
  Object.assign(faults, noFaults())
  const untilMs = scheduler.clock.nowMs() + calmHoursMax * 60 * 60_000
  let roundsAfter = 1
  while (scheduler.clock.nowMs() < untilMs && roundsAfter > 0) {
    for (const machine of machines) {
      machine.start()
      machine.setClock(0)
      machine.tick()
    }
    await scheduler.runUntil(scheduler.clock.nowMs() + roundMs)
    if (isAllOver()) roundsAfter -= 1
  }
}

/** Whatever happened, the next payment goes as if nothing had. */
async function oneMorePayment(stage: Stage, nowMs: number): Promise<void> {
  const [shop] = shops
  const [, payer] = stage.people
  if (payer === undefined) return
  let isDecided = false
  starts(stage, async () => {
    const order = await shopkeeper(stage, shop).sells('order-after-all', 1_00, 'automatic')
    if (order === null) return
    await honestPayer(stage, payer).paysAtOnce(order)
    isDecided = stage.notes.told.some(
      ({ payment, state }) => payment === order.payment && ['captured', 'authorized', 'declined'].includes(state),
    )
  })
  await stage.scheduler.runUntil(nowMs + 60_000)
  if (!isDecided) stage.notes.complain('after the storm a payment does not come through')
}
