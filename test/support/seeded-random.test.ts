import { expect, it } from 'vitest'
import { base64url } from '../../shared/bytes.ts'
import { seededRandom } from './seeded-random.ts'

it('draws the same bytes for the same seed, in the same order', () => {
  const once = seededRandom('ada')
  const again = seededRandom('ada')
  expect([once(16), once(70)]).toEqual([again(16), again(70)])
})

it('draws other bytes at each draw and for each seed', () => {
  const random = seededRandom('ada')
  const drawn = [random(16), random(16), seededRandom('bob')(16)].map(base64url)
  expect(new Set(drawn).size).toBe(3)
})

it('draws as many bytes as asked, none left over from before', () => {
  expect([0, 1, 31, 32, 33, 100].map((length) => seededRandom('ada')(length).length)).toEqual([0, 1, 31, 32, 33, 100])
})
