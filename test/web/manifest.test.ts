import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { walletZh } from '../../web/words/wallet-zh.ts'
import { zh } from '../../web/words/zh.ts'

type Labelled = { label: string }
type Named = { name: string }
type Manifest = { lang: string; description: string; screenshots: Labelled[]; shortcuts: Named[] }

async function manifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(`web/public/${file}`, 'utf8'))
}

const withoutWords = ({ lang: _, description: __, screenshots, shortcuts, ...rest }: Manifest) => ({
  ...rest,
  screenshots: screenshots.map((screenshot) => ({ ...screenshot, label: '' })),
  shortcuts: shortcuts.map((shortcut) => ({ ...shortcut, name: '' })),
})

it('the app is one and the same in both languages, but for the words', async () => {
  const [english, chinese] = await Promise.all(['manifest.webmanifest', 'manifest.zh.webmanifest'].map(manifest))
  if (!english || !chinese) throw new Error('a manifest is missing')
  expect(withoutWords(chinese)).toEqual(withoutWords(english))
  expect([english.lang, chinese.lang]).toEqual(['en', 'zh-Hans'])
  expect(english.description).toBe(`${en.slogan.replace('.', ',')} never your card number.`)
  expect(chinese.description).toBe(zh.slogan + zh.sloganMore)
  expect(english.shortcuts.map(({ name }) => name)).toEqual([en.wallet.addCard, walletEn.payLink.title])
  expect(chinese.shortcuts.map(({ name }) => name)).toEqual([zh.wallet.addCard, walletZh.payLink.title])
})
