/** Who may sign in at a merchant's console, as its owners decide. */
import type { ConsoleMember, ConsolePeople, ConsoleRole } from '../../../shared/wire/console-api.ts'
import { type Flow, flow } from '../../flows/flow.ts'
import type { ConsoleClient } from '../doors/console-client.ts'
import type { ConsoleNotice } from './console-notice.ts'
import type { EntryRun } from './entry-run.ts'
import { oneAtATime } from './one-at-a-time.ts'

export type PeopleFlow = {
  readonly people: readonly ConsoleMember[] | null
  /** The invitation that was made just now: seen this once. */
  readonly link: string | null
  /** About whom somebody is deciding. */
  readonly chosen: string | null
  readonly isBusy: boolean
  readonly notice: ConsoleNotice | null
}
export type PeopleEvent =
  | ({ type: 'read' } & ConsolePeople)
  | { type: 'asking' }
  | { type: 'invited'; link: string }
  | { type: 'chosen'; person: string | null }
  | { type: 'failed'; notice: ConsoleNotice }

const first: PeopleFlow = { people: null, link: null, chosen: null, isBusy: false, notice: null }

function peopleFlow(state: PeopleFlow, event: PeopleEvent): PeopleFlow {
  switch (event.type) {
    case 'read':
      return { ...state, people: event.people, isBusy: false }
    case 'asking':
      return { ...state, isBusy: true, link: null, notice: null }
    case 'invited':
      return { ...state, link: event.link }
    case 'chosen':
      return { ...state, chosen: event.person, notice: null }
    case 'failed':
      return { ...state, isBusy: false, notice: event.notice }
  }
}

export type PeopleRun = {
  readonly flow: Flow<PeopleFlow, PeopleEvent>
  read(): Promise<void>
  invite(name: string, role: ConsoleRole): Promise<void>
  /** Of who was chosen. */
  changeRole(role: ConsoleRole): Promise<void>
  /** Who was chosen, for good. */
  remove(): Promise<void>
}
type Client = Pick<ConsoleClient, 'people' | 'invite' | 'changeRole' | 'removePerson'>

export function peopleRun(client: Client, entry: Pick<EntryRun, 'flow' | 'begin' | 'signedOut'>): PeopleRun {
  const run = flow(peopleFlow, first)
  const { now, send } = run
  const asked = oneAtATime(run, entry.signedOut)
  const reread = async () => send({ type: 'read', ...(await client.people()) })

  const changed = (change: (person: string) => Promise<void>) =>
    asked(async () => {
      const { chosen, people } = now()
      if (chosen === null) return
      await change(chosen)
      send({ type: 'chosen', person: null })
      if (people?.find(({ id }) => id === chosen)?.isYou) await entry.begin(null)
      // Whoever changed themselves may not look here any more.
      const state = entry.flow.now()
      if (state.step === 'in' && state.person.role === 'owner') await reread()
    })

  return {
    flow: run,
    read: () => asked(reread),
    invite: (name, role) =>
      asked(async () => {
        send({ type: 'invited', ...(await client.invite({ name, role })) })
        await reread()
      }),
    changeRole: (role) => changed((person) => client.changeRole(person, role)),
    remove: () => changed((person) => client.removePerson(person)),
  }
}
