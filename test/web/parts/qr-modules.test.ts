import { decodeQR } from 'qr/decode.js'
import { expect, it } from 'vitest'
import { qrModules } from '../../../web/parts/qr-modules.ts'

type Modules = Awaited<ReturnType<typeof qrModules>>
const pixelsAModule = 4

/** As a camera would see it, with nothing in the way. */
function photograph(modules: Modules) {
  const width = modules.length * pixelsAModule
  const data = new Uint8Array(width * width * 4)
  for (let pixel = 0; pixel < width * width; pixel += 1) {
    const row = modules[Math.floor(pixel / width / pixelsAModule)]
    const isDark = row?.[Math.floor((pixel % width) / pixelsAModule)] ?? false
    data.set([...(isDark ? [0, 0, 0] : [255, 255, 255]), 255], pixel * 4)
  }
  return { width, height: width, data }
}

it('is read by a camera as it was written', async () => {
  const link = 'https://pay.example/join/EqktIZTWwr9dB_0SyLDqvg#-hOLunzQe3RjXc3Yb9O1Lw'
  expect(decodeQR(photograph(await qrModules(link)))).toBe(link)
})

it('is a square with a light edge, four modules wide, around it', async () => {
  const modules = await qrModules('moniker')
  expect(modules.every((row) => row.length === modules.length)).toBe(true)
  const sides = modules.flatMap((row) => [...row.slice(0, 4), ...row.slice(-4)])
  expect([...modules.slice(0, 4).flat(), ...modules.slice(-4).flat(), ...sides]).not.toContain(true)
  expect(modules[4]?.[4]).toBe(true)
})
