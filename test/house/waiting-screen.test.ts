import { expect, it } from 'vitest'
import { handoffAnswer } from '../../shared/wire/handoff-api.ts'
import { arrangements, makeDirectory, startRooms } from './rooms-process.ts'

const url = (port: number, path: string) => `http://127.0.0.1:${port}${path}`

it.each(arrangements)(
  'a screen that waits for a phone keeps no process from stopping: the rooms %s',
  async (arrangement) => {
    const directory = await makeDirectory()
    const rooms = startRooms(directory, {}, arrangement)
    await rooms.ready()
    const body = new URLSearchParams({ drink: 'espresso' })
    const ordered = await fetch(url(rooms.portOf('shop'), '/orders'), { method: 'POST', body, redirect: 'manual' })
    const [payment] = /pay_[\w-]+$/.exec(ordered.headers.get('location') ?? '') ?? []
    const begun = await fetch(url(rooms.portOf('pay'), `/api/payments/${payment}/handoff`), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const { handle } = handoffAnswer.parse(await begun.json())
    const line = await fetch(url(rooms.portOf('pay'), `/api/handoffs/${handle}/events`))

    rooms.signal('SIGINT')
    // A connection that is cut off instead of ended makes this fail.
    const messages = (await line.text()).split('\n\n').filter((message) => message !== '')
    expect(new Set(messages)).toEqual(new Set(['data: {"state":"open","payment":"created"}']))
    await rooms.ended
    await directory.remove()
  },
  60_000,
)
