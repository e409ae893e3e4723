import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nothingPlanted, type Plant } from './plants.ts'
import { prepare } from './prepared.ts'
import { type Outcome, simulate } from './simulate.ts'

/** Memory that looks like a disk, where there is such a thing: what happens to the file system is no part of the simulation. */
const memory = '/dev/shm'

/** Everything runs start from, made once a test file. */
export async function openScratch() {
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'moniker-simulation-'))
  const prepared = await prepare(directory)
  return {
    run: (seed: number, plant: Plant = nothingPlanted): Promise<Outcome> =>
      simulate(seed, prepared, join(directory, String(seed)), plant),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
export type Scratch = Awaited<ReturnType<typeof openScratch>>
