import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Arrival } from '../../server/runtime/room.ts'
import { type Door, listen, serve } from '../../server/runtime/serve.ts'
import { StartupError } from '../../server/runtime/startup-error.ts'

const place = { port: 0, hostname: 'localhost', portVariable: 'BANK_PORT' }
const doors: Door[] = []
const kept = (door: Door) => {
  doors.push(door)
  return door
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close().catch(() => {})))
})

it('leads to the room, and says who is asking', async () => {
  const arrivals: (Arrival | undefined)[] = []
  const fetchOfRoom = (_request: Request, arrival?: Arrival) => {
    arrivals.push(arrival)
    return new Response('room')
  }
  const { port } = kept(await serve({ fetch: fetchOfRoom }, place))
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('room')
  expect(await (await fetch(`http://[::1]:${port}/`)).text()).toBe('room')
  expect(arrivals.map((arrival) => arrival?.incoming?.socket.remoteAddress)).toEqual(['127.0.0.1', '::1'])
})

it('takes the word of a trusted proxy for who is asking, and of nobody else', async () => {
  const fetchOfRoom = (_request: Request, arrival?: Arrival) => new Response(arrival?.incoming?.socket.remoteAddress)
  const trustedProxies = ['127.0.0.1', '10.0.0.0/8']
  const { port } = kept(await serve({ fetch: fetchOfRoom }, { ...place, trustedProxies }))
  const asked = async (host: string) => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.1, 10.1.2.3' }
    return (await fetch(`http://${host}:${port}/`, { headers })).text()
  }
  expect([await asked('127.0.0.1'), await asked('[::1]')]).toEqual(['192.0.2.1', '::1'])
})

it('asks for patience while there is no room yet', async () => {
  const { port } = kept(await listen(place))
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
})

it('names the port that is taken and the variable that chooses another', async () => {
  const { port } = kept(await listen(place))
  for (const hostname of ['localhost', '127.0.0.1', '::1']) {
    await expect(listen({ port, hostname, portVariable: 'SHOP_PORT' })).rejects.toThrow(
      new StartupError(`Port ${port} is in use: stop the program that has it, or set SHOP_PORT to another port.`),
    )
  }
})

it('closes after the answer in flight, not waiting for connections that nobody uses', async () => {
  const asked = Promise.withResolvers<void>()
  const mayAnswer = Promise.withResolvers<void>()
  const room = {
    async fetch() {
      asked.resolve()
      await mayAnswer.promise
      return new Response('finished')
    },
  }
  const door = await serve(room, place)
  const unused = connect(door.port, '127.0.0.1')
  await once(unused, 'connect')
  const answer = fetch(`http://127.0.0.1:${door.port}/`)
  await asked.promise

  const closed = door.close()
  await expect(fetch(`http://127.0.0.1:${door.port}/`)).rejects.toThrow('fetch failed')
  mayAnswer.resolve()
  expect(await (await answer).text()).toBe('finished')
  await closed
  unused.destroy()
})

describe('a door that closes', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
  afterEach(() => vi.useRealTimers())

  /** @returns what an answer came to that took so long after the door began to close */
  async function answerAfter(waitMs: number): Promise<string> {
    const asked = Promise.withResolvers<void>()
    const mayAnswer = Promise.withResolvers<void>()
    const room = {
      async fetch() {
        asked.resolve()
        await mayAnswer.promise
        return new Response('finished')
      },
    }
    const door = await serve(room, place)
    const answer = request(door.port)
    await asked.promise
    const closed = door.close()
    await vi.advanceTimersByTimeAsync(waitMs)
    mayAnswer.resolve()
    const came = await answer
    await vi.advanceTimersByTimeAsync(1_000)
    await closed
    return came
  }

  /** The bank may take ten seconds to enrol the card, and is then waited for twice more, before the payer is told that it is silent. */
  it('leaves a first payment in flight the time it takes while the bank hangs', async () => {
    expect(await answerAfter(3 * 10_000 + 5_000)).toBe('finished')
  })

  it('does not wait for ever', async () => {
    expect(await answerAfter(41_000)).toBe('cut')
  })
})

/** A request whose client knows no timers. */
function request(port: number): Promise<string> {
  return new Promise((resolve) => {
    const asked = get({ port, host: '127.0.0.1' }, (answer) => {
      answer.setEncoding('utf8').on('data', resolve)
    })
    asked.on('error', () => resolve('cut'))
  })
}
