import { createMiddleware } from 'hono/factory'
import { Problem } from '../../../shared/problem.ts'
import { type ConsoleRole, consoleRoles } from '../../../shared/wire/console-api.ts'
import type { KeyMode } from '../../../shared/wire/merchant-api.ts'
import type { HttpEnvironment } from '../../runtime/http.ts'
import type { Caller } from '../api-key-store.ts'
import type { Person } from './people-store.ts'

/** Who is signed in, for every route but those by which one signs in. */
export type ConsoleEnvironment = HttpEnvironment & { Variables: { person: Person } }

/** @throws {Problem} `role-missing` */
export const takes = (role: ConsoleRole) =>
  createMiddleware<ConsoleEnvironment>(async (context, next) => {
    const has = context.get('person').role
    if (consoleRoles.indexOf(has) < consoleRoles.indexOf(role)) throw new Problem('role-missing')
    await next()
  })

/** As what a merchant's server is to the same acts. What a role may not do, is refused before. */
export const callerOf = ({ merchant }: Person, mode: KeyMode): Caller => ({ ...merchant, mode, scope: 'full' })
