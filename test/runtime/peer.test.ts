import { describe, expect, it } from 'vitest'
import { isLoopback, overHttp } from '../../server/runtime/peer.ts'

describe('the way to another room', () => {
  it.each(['http://bank.example', 'http://10.0.0.7:4430', 'http://192.168.1.2', 'http://127.0.0.1.evil.example'])(
    'is refused over plain http to %s',
    (address) => {
      expect(() => overHttp(address)).toThrow(/must be https/)
    },
  )

  it.each(['https://bank.example', 'http://127.0.0.1:4430', 'http://[::1]:4430', 'http://bank.localhost:4430'])(
    'may be %s',
    (address) => {
      expect(() => overHttp(address)).not.toThrow()
    },
  )

  it('takes loopback by name only where the name can be nobody else', () => {
    expect(isLoopback('localhost.evil.example')).toBe(false)
    expect(isLoopback('notlocalhost')).toBe(false)
  })
})
