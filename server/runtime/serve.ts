import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { clientAddress, trusting } from './client-address.ts'
import type { Room } from './room.ts'
import { StartupError } from './startup-error.ts'

/** Where to listen. */
export type Place = {
  /** 0 lets the system choose; {@link Door.port} tells which. */
  readonly port: number
  /** `localhost` means both of its addresses, IPv4 and IPv6: a browser may try either. */
  readonly hostname: string
  /** The variable an operator changes where the port cannot be had, such as `SHOP_PORT`. */
  readonly portVariable: string
  /** Whose `X-Forwarded-For` is believed: addresses and CIDR blocks. Default nobody's. */
  readonly trustedProxies?: readonly string[]
}

/** A room's place on the network. */
export type Door = {
  readonly port: number
  /** From now on requests reach this room; until then they are answered by 503. */
  leadTo(room: Pick<Room, 'fetch'>): void
  /** Takes no more requests, and resolves once those in flight are answered or forty seconds have passed. */
  close(): Promise<void>
}

/** @throws {StartupError} where the port cannot be had */
export async function serve(room: Pick<Room, 'fetch'>, place: Place): Promise<Door> {
  const door = await listen(place)
  door.leadTo(room)
  return door
}

/**
 * Takes the port before there is a room, since a room may have to be told its own address.
 * @throws {StartupError} where the port cannot be had
 */
export async function listen(place: Place): Promise<Door> {
  let room: Pick<Room, 'fetch'> = { fetch: () => new Response(null, { status: 503, headers: { 'retry-after': '1' } }) }
  const isTrusted = trusting(place.trustedProxies ?? [])
  // Who is asking is told to the room here; nothing is ever taken from the Host header.
  const answer = getRequestListener((request, { incoming }) => {
    const { remoteAddress } = incoming.socket
    const address = clientAddress(remoteAddress, request.headers.get('x-forwarded-for'), isTrusted)
    return room.fetch(request, { incoming: { socket: { remoteAddress: address } } })
  })
  const { port, listeners } = await bindEveryFamily(place, () => listener(answer))
  return {
    port,
    leadTo(opened) {
      room = opened
    },
    async close() {
      await Promise.all(listeners.map(({ finish }) => finish()))
    },
  }
}

type Listener = { readonly server: Server; finish(): Promise<void> }

const bindingAttemptsMax = 10

async function bindEveryFamily(place: Place, make: () => Listener): Promise<{ port: number; listeners: Listener[] }> {
  if (place.hostname !== 'localhost') {
    const only = make()
    return { port: await bind(only.server, place), listeners: [only] }
  }
  for (let attempt = 1; ; attempt += 1) {
    const [ipv4, ipv6] = [make(), make()]
    try {
      const port = await bind(ipv4.server, { ...place, hostname: '127.0.0.1' })
      await bindUnlessFamilyIsMissing(ipv6.server, { ...place, hostname: '::1', port })
      return { port, listeners: [ipv4, ipv6].filter(({ server }) => server.listening) }
    } catch (error) {
      await Promise.all([ipv4.finish(), ipv6.finish()])
      // A port that the system chose for one family may be taken in the other: it chooses again.
      if (place.port !== 0 || attempt === bindingAttemptsMax) throw error
    }
  }
}

async function bindUnlessFamilyIsMissing(server: Server, place: Place): Promise<void> {
  try {
    await bind(server, place)
  } catch (error) {
    const code = error instanceof StartupError ? codeOf(error.cause) : ''
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error
  }
}

function bind(server: Server, { port, hostname, portVariable }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(placeError(port, hostname, portVariable, cause)))
    server.listen({ port, host: hostname, ipv6Only: hostname === '::1' }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function placeError(port: number, hostname: string, portVariable: string, cause: Error): StartupError {
  const code = codeOf(cause)
  if (notOfThisMachine.has(code)) {
    return new StartupError(`${hostname} is no address of this machine: set LISTEN_HOST to one that is.`, { cause })
  }
  const whatIsWrong: Record<string, string> = {
    EADDRINUSE: 'is in use: stop the program that has it',
    EACCES: 'may not be opened by this user: start as one who may',
  }
  const why = whatIsWrong[code] ?? `cannot be opened (${code}): free it`
  return new StartupError(`Port ${port} ${why}, or set ${portVariable} to another port.`, { cause })
}

const notOfThisMachine: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'])

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

/**
 * How long a request in flight may keep a process from stopping: more than the thirty seconds that a first payment takes with a bank that
 * answers the enrolment in the last moment, and then neither the authorization nor the inquiry about it.
 */
const graceMs = 40_000

function listener(answer: RequestListener): Listener {
  const server = createServer(answer)
  // Browsers open connections ahead of need, and the server does not count those as idle.
  const unused = new Set<Socket>()
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))

  function finish(): Promise<void> {
    for (const socket of unused) socket.destroy()
    // A connection that is busy now is idle after its answer, and nothing else would end it.
    const closeIdle = setInterval(() => server.closeIdleConnections(), 50)
    const closeAll = setTimeout(() => server.closeAllConnections(), graceMs)
    return new Promise((resolve) => {
      server.close(() => {
        clearInterval(closeIdle)
        clearTimeout(closeAll)
        resolve()
      })
    })
  }
  return { server, finish }
}
