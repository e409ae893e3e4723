import './require-node.mjs'
import { existsSync } from 'node:fs'
import { secretFile } from './runtime/keys.ts'
import { StartupError } from './runtime/startup-error.ts'

const usage =
  'Usage: npm run make-key -- FILE, such as data/payment/keys/at-rest-2.json or data/bank/keys/record-2.json'

/** `npm run make-key -- FILE`: a new secret beside an older one, with mode 0600. What is there already is never touched. */
async function makeKey(path: string | undefined): Promise<string> {
  if (path === undefined) throw new StartupError(usage)
  if (existsSync(path)) throw new StartupError(`${path} is there already.`)
  const { id } = await secretFile(path)
  return id
}

try {
  process.stdout.write(`${process.argv[2]} holds the new key ${await makeKey(process.argv[2])}.\n`)
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
