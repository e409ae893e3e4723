import { consoleRoles, invitationLink, personName } from '../shared/wire/console-api.ts'
import { type Asked, dateOf, type MerchantActs, oneOf } from './merchant-act.ts'
import { StartupError } from './runtime/startup-error.ts'
import { isolated, tableOf } from './table.ts'

/** Who may open a merchant's console. */
export const peopleActs: MerchantActs = {
  invite: { words: 1, act: invite },
  'person list': { words: 1, act: list },
  'person remove': { words: 1, act: remove },
}

async function invite({ desk, origin, words: [id = ''], options }: Asked): Promise<string> {
  const merchant = await desk.merchants.get(id)
  const name = options.name ?? null
  if (name !== null && !personName.safeParse(name).success) {
    throw new StartupError('What somebody is called is 1 to 40 characters, of which one is a letter or digit.')
  }
  const secret = await desk.people.invite(merchant.id, oneOf(consoleRoles, options.role ?? 'owner'), name)
  return `${invitationLink(origin, secret)}\nGood once, for a day. Give it to nobody but whom it is for: it is kept nowhere.\n`
}

async function list({ desk, words: [id = ''] }: Asked): Promise<string> {
  const people = await desk.people.list((await desk.merchants.get(id)).id)
  const rows = people.map(({ id: person, name, role, joinedAtMs, invitedUntilMs }) => {
    const state = joinedAtMs === null ? `invited until ${dateOf(invitedUntilMs)}` : `since ${dateOf(joinedAtMs)}`
    return [person, role, state, isolated(name ?? '')] as const
  })
  return tableOf([['Person', 'Role', 'State', 'Name'], ...rows])
}

async function remove({ desk, words: [id = ''] }: Asked): Promise<string> {
  const ended = await desk.people.remove(id)
  if (ended === null) throw new StartupError(`There is no person ${id}.`)
  const removed = `${id} is removed, and signed out everywhere.\n`
  // Whoever was an owner may know of every link that is open.
  return ended === 0
    ? removed
    : `${removed}Open invitations ended with them: ${ended}. Invite again who is still to come.\n`
}
