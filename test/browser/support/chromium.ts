import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)

/** What the browser is started with, here and for a profile of its own (`openPhone` with `persistent`). */
export const chromiumArguments: readonly string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Of several such lists Chromium heeds the last one alone, so everything goes into this one.
  '--enable-features=SecurePaymentConfirmationBrowser',
  // Chromium's sandbox refuses to work for root, who runs the tests in many a container.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** A headless Chromium; installed first, where the machine has none. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findOrInstallChromium(), args: [...chromiumArguments] })
}

/**
 * Where Chromium is: `CHROMIUM_PATH` if set, else one that is installed, else one installed now with apt-get.
 * @throws {Error} which says what to do, where there is none and none can be installed
 */
export async function findOrInstallChromium(): Promise<string> {
  const told = process.env.CHROMIUM_PATH
  if (told !== undefined) {
    if (existsSync(told)) return told
    throw new Error(`CHROMIUM_PATH says ${told}, and there is nothing.`)
  }
  const found = findChromium() ?? (await installChromium())
  if (found === undefined) throw new Error(`Chromium was installed, and yet is nowhere to be found. ${whatToDo}`)
  return found
}

const whatToDo = 'Install Chromium or Chrome, or set CHROMIUM_PATH to one, and run the tests again.'
const programNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const programs = programNames.flatMap((name) => ['/usr/bin', ...folders].map((folder) => join(folder, name)))
  return [...programs, ...applications].find((path) => existsSync(path))
}

const packages = ['chromium', 'fonts-noto-cjk', 'fonts-noto-core']

async function installChromium(): Promise<string | undefined> {
  console.log(`No Chromium here: installing ${packages.join(', ')} with apt-get. It takes a minute and 500 MB, once.`)
  try {
    await asRoot(['apt-get', 'update'])
    await asRoot(['apt-get', 'install', '-y', '--no-install-recommends', ...packages])
  } catch (cause) {
    throw new Error(`The browser tests need Chromium, and apt-get could not install it. ${whatToDo}`, { cause })
  }
  return findChromium()
}

async function asRoot(command: readonly string[]): Promise<void> {
  // `-n`: where sudo would ask for a password it fails, for nobody may be there to type it.
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [program = 'env', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command]
  await run(program, rest, { maxBuffer: 64 * 1024 * 1024 })
}
