import { expect, it } from 'vitest'
import { preferredLanguage } from '../../../web/words/language.ts'
import { phrase, textOf } from '../../../web/words/phrase.ts'

it('keeps names apart from the words around them', () => {
  expect(phrase`Pay ${'مقهى'} ${'€5'}`).toEqual(['Pay ', { isolate: 'مقهى' }, ' ', { isolate: '€5' }, ''])
})

it('isolates names in plain text too', () => {
  expect(textOf(phrase`Pay ${'مقهى'}`)).toBe('Pay \u2068مقهى\u2069')
})

it('speaks the language that was chosen here, else the first one of the device that it knows, else English', () => {
  const storage = (chosen: string | null) => ({ getItem: () => chosen })
  expect(preferredLanguage(storage('en'), ['zh-CN'])).toBe('en')
  expect(preferredLanguage(storage(null), ['fr-FR', 'zh-Hans-CN', 'en'])).toBe('zh')
  expect(preferredLanguage(storage('xx'), ['fr'])).toBe('en')
})
