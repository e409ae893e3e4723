import { assertPortsAreFree, assertWritable } from './prepare.ts'
import { StartupError } from './runtime/startup-error.ts'
import { placeOf, readWishes, roomNames } from './settings.ts'

/** Tells before the pages are built, which takes seconds, what would keep the rooms from starting after it. */
try {
  const wishes = readWishes(process.env)
  await assertWritable(wishes.variables.DATA_DIRECTORY)
  await assertWritable('dist', 'for the pages are built there')
  await assertPortsAreFree(roomNames.map((name) => placeOf(wishes, name)))
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
