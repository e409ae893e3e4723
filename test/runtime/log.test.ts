import { describe, expect, it } from 'vitest'
import { jsonLog } from '../../server/runtime/log.ts'
import { Problem } from '../../shared/problem.ts'

const number = '4111111111111111'

function written(act: (log: ReturnType<typeof jsonLog>) => void): string {
  const lines: string[] = []
  act(jsonLog('payment', { write: (line: string) => lines.push(line) }))
  return lines.join('')
}

describe('the log', () => {
  it('writes one line an event, with the room and the facts that are allowed', () => {
    const line = JSON.parse(written((log) => log.info('request', { route: '/api/payments/:id', status: 200 })))
    expect(line).toMatchObject({ room: 'payment', msg: 'request', route: '/api/payments/:id', status: 200 })
  })

  it('drops what is not on the list, even where a type was forced', () => {
    const facts: object = { status: 400, body: number }
    expect(written((log) => log.warn('refused', facts))).not.toContain(number)
  })

  it('says where an error came from and not what it said, because messages quote input', () => {
    const cause = new Error(`cannot parse ${number}`)
    const text = written((log) => log.error('failed', { error: new Problem('internal-error', { cause }) }))
    expect(text).toContain('Problem internal-error')
    expect(text).toContain('log.test.ts')
    expect(text).not.toContain(number)
  })
})
