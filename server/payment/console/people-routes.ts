import { Hono } from 'hono'
import { z } from 'zod'
import {
  type ConsolePeople,
  consoleInviteRequest,
  consoleRoleRequest,
  invitationLink,
} from '../../../shared/wire/console-api.ts'
import { readJson } from '../../runtime/read-body.ts'
import type { ConsoleEnvironment } from './console-request.ts'
import type { PeopleStore } from './people-store.ts'

export type PeopleRoutes = {
  readonly people: Pick<PeopleStore, 'list' | 'invite' | 'changeRole' | 'removeFrom'>
  readonly origin: string
}

/** Who may sign in, as owners decide: each of their own merchant's, and never so that no owner is left. */
export function peopleRoutes({ people, origin }: PeopleRoutes): Hono<ConsoleEnvironment> {
  return new Hono<ConsoleEnvironment>()
    .get('/', async (context) => {
      const you = context.get('person')
      const listed = await people.list(you.merchant.id)
      const told = listed.map(({ createdAtMs: _, ...one }) => ({ ...one, isYou: one.id === you.id }))
      return context.json({ people: told } satisfies ConsolePeople)
    })
    .post('/', async (context) => {
      const { role, name } = await readJson(context.req.raw, consoleInviteRequest)
      const { id, merchant } = context.get('person')
      const secret = await people.invite(merchant.id, role, name, id)
      return context.json({ link: invitationLink(origin, secret) }, 201)
    })
    .post('/:id/role', async (context) => {
      const { role } = await readJson(context.req.raw, consoleRoleRequest)
      await people.changeRole(context.get('person'), context.req.param('id'), role)
      return context.json({})
    })
    .post('/:id/remove', async (context) => {
      await readJson(context.req.raw, z.strictObject({}))
      await people.removeFrom(context.get('person'), context.req.param('id'))
      return context.json({})
    })
}
