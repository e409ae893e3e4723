import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const lowest = 10_000
const attemptsMax = 100
const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range'

/**
 * A port that nobody listens at, and that stays free while its server is away. The system gives the ports of its own range to whoever
 * connects to somewhere: one that asks for a server that is away may even be given that server's port, is then connected to itself
 * (RFC 9293 §3.5, simultaneous open), hears nothing for ever, and the server cannot come back.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const port = randomInt(lowest, lowestGivenBySystem())
    if (await isFree(port)) return port
  }
  throw new Error(`no free port was found in ${attemptsMax} attempts`)
}

/** As ip(7) tells it of Linux; elsewhere the range begins higher. */
function lowestGivenBySystem(): number {
  if (!existsSync(rangeFile)) return 32_768
  const [first] = readFileSync(rangeFile, 'utf8').trim().split(/\s+/)
  return Math.max(lowest + attemptsMax, Number(first))
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
