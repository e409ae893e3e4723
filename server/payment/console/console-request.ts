import { createMiddleware } from 'hono/factory'
import { baseRoutePath, matchedRoutes } from 'hono/route'
import { Problem } from '../../../shared/problem.ts'
import { type ConsoleRole, consoleRoles, consoleRoutes } from '../../../shared/wire/console-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import type { HttpEnvironment } from '../../runtime/http.ts'
import type { Caller } from '../api-key-store.ts'
import type { Person } from './people-store.ts'

/** Who is signed in, for every route but those by which one signs in. */
export type ConsoleEnvironment = HttpEnvironment & { Variables: { person: Person } }

const roleNeededBy: ReadonlyMap<string, ConsoleRole> = new Map(Object.entries(consoleRoutes))

/** Lets each role do what the contract says, wherever a route is made. @throws {Problem} `role-missing` */
export const heldToRoles = createMiddleware<ConsoleEnvironment>(async (context, next) => {
  const base = baseRoutePath(context)
  const route = matchedRoutes(context).findLast(({ path }) => path.startsWith(`${base}/`) && !path.endsWith('*'))
  if (route === undefined) return next() // nothing is there
  const method = context.req.method === 'HEAD' ? 'GET' : context.req.method
  const needed = roleNeededBy.get(`${method} ${route.path.slice(base.length)}`)
  const has = consoleRoles.indexOf(context.get('person').role)
  if (needed === undefined || has < consoleRoles.indexOf(needed)) throw new Problem('role-missing')
  await next()
})

/** As what a merchant's server is to the same acts. What a role may not do, is refused before. */
export const callerOf = ({ merchant }: Person, mode: KeyMode): Caller => ({ ...merchant, mode, scope: 'full' })
