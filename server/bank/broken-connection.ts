import type { Context, ErrorHandler } from 'hono'
import type { HttpEnvironment } from '../runtime/http.ts'

/** What `fetch` rejects with in the same process, where there is no connection that could break. */
class BrokenConnection extends TypeError {
  override readonly name = 'BrokenConnection'
}

/** Ends the exchange as a crash or a cut cable would: without any answer. */
export function breakOff(context: Context<HttpEnvironment>): never {
  const socket = context.env?.incoming?.socket
  if (socket !== undefined && 'destroy' in socket && typeof socket.destroy === 'function') socket.destroy()
  throw new BrokenConnection('the connection was broken on purpose')
}

/** A broken connection is answered by nothing, not even by a problem. */
export const unlessBroken =
  (answer: ErrorHandler): ErrorHandler =>
  (error, context) => {
    if (error instanceof BrokenConnection) throw error
    return answer(error, context)
  }
