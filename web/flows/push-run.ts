/** Whether this browser is told of payments while the wallet is closed. */
import type { Push } from '../../shared/wire/push-api.ts'
import type { OwnSubscription, PushDoor, PushSupport } from '../doors/push.ts'
import type { PushClient } from '../doors/push-client.ts'
import { type Flow, flow } from './flow.ts'

export type PushFlow = {
  /** `unread`: nobody knows yet, or could find out. */
  readonly standing: 'unread' | 'off' | 'on' | Exclude<PushSupport, 'here'>
  readonly isTurning: boolean
  /** It could not be turned on, or off. */
  readonly isFailed: boolean
  /** Whether somebody does not want to be asked on this device. */
  readonly isDeclined: boolean
}

export type PushEvent =
  | { type: 'read'; standing: PushFlow['standing'] }
  | { type: 'turning' }
  | { type: 'failed' }
  | { type: 'declined' }

function pushFlow(state: PushFlow, event: PushEvent): PushFlow {
  switch (event.type) {
    case 'read':
      return { ...state, standing: event.standing, isTurning: false, isFailed: false }
    case 'turning':
      return { ...state, isTurning: true, isFailed: false }
    case 'failed':
      return { ...state, isTurning: false, isFailed: true }
    case 'declined':
      return { ...state, isDeclined: true }
  }
}

export type PushRun = {
  readonly flow: Flow<PushFlow, PushEvent>
  /** Finds out how it stands, and keeps what the server knows of this browser true. */
  read(): Promise<void>
  /** In a tap: the browser asks. */
  turnOn(): Promise<void>
  turnOff(): Promise<void>
  decline(): void
  /** Whoever leaves this browser is told nothing in it any more. */
  leave(): Promise<void>
  /** The wallet is looked at. */
  seen(): Promise<void>
}

export type PushTools = {
  readonly push: PushDoor
  readonly pushClient: PushClient
  /** BCP 47: in which messages to this browser are to be written. */
  readonly locale: () => string
  readonly pause: (ms: number) => Promise<void>
  /** Who is signed in. */
  readonly username: () => string | null
}

/** Whether whoever asked for it is still there, and has asked for nothing else. */
type IsWanted = () => boolean

/** A browser that cannot reach its push service goes on trying for minutes, and says nothing. */
const patienceMs = 15_000
const leavingMs = 5_000

export function pushRun({ push, pushClient, locale, pause, username }: PushTools): PushRun {
  const run = flow(pushFlow, { standing: 'unread', isTurning: false, isFailed: false, isDeclined: push.isDeclined() })
  const { now, send } = run
  /** Known before the tap, which then reaches the browser at once. */
  let applicationServerKey: string | null = null

  const keep = ({ target }: OwnSubscription): Promise<Push> => pushClient.subscribe({ target, locale: locale() })

  /** @returns whether the server tells this browser, and by the key that it takes messages by */
  async function isOn(): Promise<boolean> {
    const [told, own] = await Promise.all([pushClient.read(), push.own()])
    applicationServerKey = told.applicationServerKey
    const kept = own === null ? undefined : told.subscriptions.find(({ id }) => id === own.id)
    if (own === null || kept === undefined || own.applicationServerKey !== applicationServerKey) return false
    if (kept.locale !== locale()) await keep(own)
    rememberWhose()
    return true
  }

  function rememberWhose(): void {
    const whose = username()
    if (whose !== null) push.tells(whose)
  }

  /** Counts what was asked for: what somebody asked who has left, or who has asked for something since, is nobody's any more. */
  let asked = 0
  const wanted = (): IsWanted => {
    const turn = asked
    return () => turn === asked
  }

  async function read(): Promise<void> {
    const isWanted = wanted()
    try {
      const support = await push.support()
      const standing = support !== 'here' ? support : (await isOn()) ? 'on' : 'off'
      if (isWanted()) send({ type: 'read', standing })
    } catch {
      // It is asked again when somebody comes back. Until then nothing is offered that might be there already.
    }
  }

  async function turn(act: (isWanted: IsWanted) => Promise<PushFlow['standing']>): Promise<void> {
    if (now().isTurning) return
    asked += 1
    const isWanted = wanted()
    send({ type: 'turning' })
    try {
      const standing = await act(isWanted)
      if (isWanted()) send({ type: 'read', standing })
    } catch {
      if (isWanted()) send({ type: 'failed' })
    }
  }

  async function on(isWanted: IsWanted): Promise<PushFlow['standing']> {
    const key = applicationServerKey ?? (await pushClient.read()).applicationServerKey
    const permission = await answered(isWanted)
    if (!isWanted()) return 'off'
    send({ type: 'turning' })
    // The answer itself: what the page can read of it may be of a moment before.
    if (permission === 'denied') return 'blocked'
    const isAllowed = permission === 'granted'
    const own = isAllowed ? await Promise.race([push.subscribe(key), pause(patienceMs).then(tooLate)]) : null
    if (own === null) return 'off'
    if (isWanted()) await keep(own)
    // Whoever asked for it has left meanwhile.
    if (isWanted()) rememberWhose()
    else await push.unsubscribe()
    return 'on'
  }

  /** People may think about the browser's question for as long as they like. Some browsers put it away unanswered: then it can be asked for again. */
  async function answered(isWanted: IsWanted): Promise<NotificationPermission> {
    let isOpen = true
    void pause(patienceMs).then(() => {
      if (isOpen && isWanted()) send({ type: 'read', standing: 'off' })
    })
    const permission = await push.ask()
    isOpen = false
    return permission
  }

  async function off(): Promise<PushFlow['standing']> {
    const own = await push.own()
    if (own !== null) await pushClient.remove(own.id)
    await push.unsubscribe()
    return 'off'
  }

  return {
    flow: run,
    read,
    turnOn: () => turn(on),
    turnOff: () => turn(off),
    decline() {
      push.decline()
      send({ type: 'declined' })
    },
    async leave() {
      asked += 1
      // Nobody is kept from leaving by any of it.
      if (now().standing === 'unread') await Promise.race([read(), pause(leavingMs)])
      const { standing } = now()
      // Where it is off the browser may still tell somebody else, who has not left. Where nobody can find out, it tells nobody.
      if (standing === 'on' || standing === 'unread') {
        // Without its subscription the browser hears nothing, whatever the server heard of it.
        await Promise.race([Promise.allSettled([off(), push.unsubscribe()]), pause(leavingMs)])
      }
      // Also where the browser tells them nothing any more: whose it was is nobody's business now.
      if (push.whose() === username()) push.tells('')
      asked += 1
      send({ type: 'read', standing: 'unread' })
    },
    seen: () => push.seen().catch(() => undefined),
  }
}

const tooLate = (): never => {
  throw new Error('the browser has not reached its push service')
}
