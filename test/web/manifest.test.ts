import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { en } from '../../web/words/en.ts'
import { walletEn } from '../../web/words/wallet-en.ts'
import { walletZh } from '../../web/words/wallet-zh.ts'
import { zh } from '../../web/words/zh.ts'

type Picture = { src: string; sizes: string; type: string }
type Icon = Picture & { purpose: string }
type Screenshot = Picture & { label: string; form_factor: string }
type Shortcut = { name: string; url: string; icons: { src: string; sizes: string }[] }
type Manifest = { lang: string; description: string; icons: Icon[]; screenshots: Screenshot[]; shortcuts: Shortcut[] }

async function manifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(`web/public/${file}`, 'utf8'))
}

const withoutWords = ({ lang: _, description: __, screenshots, shortcuts, ...rest }: Manifest) => ({
  ...rest,
  screenshots: screenshots.map((screenshot) => ({ ...screenshot, label: '' })),
  shortcuts: shortcuts.map((shortcut) => ({ ...shortcut, name: '' })),
})

/** `type` and `sizes` as a manifest would state them, by what is in the file. */
async function pictureAt(src: string): Promise<Picture> {
  const bytes = await readFile(`web/public${src}`)
  if (bytes.toString('utf8', 0, 4) === '<svg') return { src, sizes: 'any', type: 'image/svg+xml' }
  // PNG (Third Edition) §5.2 and §11.2.1: a signature, then a first chunk that begins with width and height.
  expect(bytes.toString('hex', 0, 8)).toBe('89504e470d0a1a0a')
  expect(bytes.toString('latin1', 12, 16)).toBe('IHDR')
  return { src, sizes: `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, type: 'image/png' }
}

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

describe.each(['manifest.webmanifest', 'manifest.zh.webmanifest'])('%s', (file) => {
  it('has an icon for a home screen that cuts its own shapes, and for one that does not', async () => {
    const { icons } = await manifest(file)
    const sizesFor = (purpose: string) => icons.filter((icon) => icon.purpose === purpose).map(({ sizes }) => sizes)
    expect(sizesFor('maskable')).toContain('512x512')
    expect(sizesFor('any')).toEqual(expect.arrayContaining(['192x192', '512x512']))
  })

  it('leads from the app’s icon to what people come for, and shows the app before it is installed', async () => {
    const { shortcuts, screenshots } = await manifest(file)
    expect(shortcuts.map(({ url }) => url)).toEqual(['/enrol?card', '/open'])
    expect(shortcuts.every(({ icons }) => icons.length > 0)).toBe(true)
    expect(screenshots.map((screenshot) => screenshot.form_factor)).toContain('narrow')
  })

  it('says of each picture what it is', async () => {
    const { icons, screenshots, shortcuts } = await manifest(file)
    for (const { src, sizes, type } of [...icons, ...screenshots]) {
      expect(await pictureAt(src)).toEqual({ src, sizes, type })
    }
    for (const { src, sizes } of shortcuts.flatMap(({ icons }) => icons)) {
      expect(await pictureAt(src)).toMatchObject({ sizes })
    }
  })
})
