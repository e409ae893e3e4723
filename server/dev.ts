import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Both sides reload on a change: Vite serves the pages at the wallet's address and passes `/api` on to the rooms, which Node
 * starts again. The wallet's origin is Vite's, so that passkeys made while developing stay good.
 */
const walletPort = process.env.PAYMENT_PORT ?? '4410'
const roomPort = String(Number(walletPort) + 1)
const env = {
  ...process.env,
  PAYMENT_PORT: roomPort,
  PAYMENT_ORIGIN: `http://pay.localhost:${walletPort}`,
  WEB_DIRECTORY: 'web',
}

const rooms = spawn(process.execPath, ['--watch', '--watch-preserve-output', 'server/main.ts'], {
  env,
  stdio: 'inherit',
})
const pages = spawn('vite', ['--port', walletPort, '--strictPort', '--host', '127.0.0.1'], { env, stdio: 'inherit' })
const both = [rooms, pages]

const stop = () => {
  for (const child of both) child.kill('SIGINT')
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
await Promise.race(both.map((child) => once(child, 'exit')))
stop()
