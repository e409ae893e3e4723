import { describe, expect, it } from 'vitest'
import { canary, sightings } from './canary.ts'

const number = '4929123456781234'
const canaries = [canary('number', number)]

describe('a canary', () => {
  it.each([
    ['plain', Buffer.from(`{"number":"${number}"}`)],
    ['grouped by spaces', Buffer.from('card 4929 1234 5678 1234 of Ada')],
    ['hex', Buffer.from(Buffer.from(number).toString('hex'))],
    ['base64 at 0', Buffer.from(Buffer.from(`${number} and more`).toString('base64'))],
    ['base64 at 1', Buffer.from(Buffer.from(`x${number} and more`).toString('base64url'))],
    ['base64 at 2', Buffer.from(Buffer.from(`xy${number} and more`).toString('base64'))],
    ['UTF-16, little endian', Buffer.from(number, 'utf16le')],
    ['UTF-16, big endian', Buffer.from(number, 'utf16le').swap16()],
  ])('sings where the secret stands %s', (how, bytes) => {
    expect(sightings(canaries, bytes)).toContain(`number: ${how}`)
  })

  it('is silent elsewhere', () => {
    expect(sightings(canaries, Buffer.from('Visa •••• 1234'))).toEqual([])
  })
})
