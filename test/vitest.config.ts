import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))
const everyTest = 'test/**/*.test.{ts,tsx}'
const journeys = 'test/journeys/**/*.test.ts'
const browser = 'test/browser/**/*.test.ts'
const simulation = 'test/simulation/**/*.test.ts'
const races = 'test/races/*.test.ts'
/** What is changed on purpose, to see it refused or found. */
const mutation = ['test/mutation/*.test.ts', 'test/simulation/trust.test.ts']
const crash = 'test/crash/*.test.ts'
const fuzz = 'test/fuzz/*.test.ts'
/** What is promised of a store is promised on SQLite and PostgreSQL alike. */
const stores = [
  'test/**/*-store.test.ts',
  'test/**/database.test.ts',
  'test/bank/*.test.ts',
  'test/support/postgres.test.ts',
]

const postgres = 'test/support/postgres-server.ts'

/** `vitest run --config test/vitest.config.ts --project unit` (or stores, journeys, simulation, browser) */
export default defineConfig({
  root,
  test: {
    // Threads start quicker than processes, and every file has its own: no state leaks from file to file.
    pool: 'threads',
    // Vitest would leave a core to itself; on a machine with two that is half of it.
    maxWorkers: '100%',
    // A net for what hangs, and no measure of speed: a busy machine is slow, and that is no fault.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [everyTest],
          exclude: [...stores, journeys, browser, simulation, races, ...mutation, crash, fuzz, 'test/bench/**'],
        },
      },
      { extends: true, test: { name: 'stores', include: stores, globalSetup: postgres } },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: [journeys],
          globalSetup: postgres,
        },
      },
      { extends: true, test: { name: 'fuzz', include: [fuzz], globalSetup: postgres } },
      { extends: true, test: { name: 'mutation', include: mutation, testTimeout: 300_000 } },
      {
        extends: true,
        test: { name: 'races', include: [races], globalSetup: postgres, testTimeout: 3_600_000 },
      },
      // Every fifty seeds are a test. Its files share the seeds, one file more than there are cores: while one waits for its
      // cryptography, another goes on.
      {
        extends: true,
        test: {
          name: 'simulation',
          include: [simulation],
          exclude: mutation,
          sequence: { groupOrder: 3 },
          maxWorkers: 3,
          testTimeout: 120_000,
        },
      },
      // Real processes, which want the machine for themselves.
      {
        extends: true,
        test: { name: 'crash', include: [crash], sequence: { groupOrder: 2 }, testTimeout: 600_000 },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [browser],
          // After everything else, two browsers at a time and no more: their timeouts are a person's.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          // A first run may have to install Chromium.
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
