/**
 * `npm run bench`: the cryptographic floor of a payment and the whole path, in one run on one machine. Compare ratios, and only
 * within a run. SQLite, or with `--postgres` that, or with both flags both; `--payments=N` a line, `--profile=DIRECTORY` for CPU profiles.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { freshPostgresUrl } from '../support/postgres.ts'
import setUpPostgres from '../support/postgres-server.ts'
import { type Floor, measureFloor } from './floor.ts'
import { load, type Stretch } from './load.ts'
import { startRooms } from './rooms.ts'

const concurrencies = [1, 8, 32]
const payerCount = 256
const warmUpPayments = 512

const { values: wishes } = parseArgs({
  options: {
    sqlite: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    payments: { type: 'string', default: '512' },
    profile: { type: 'string' },
  },
})
const paymentsOfStretch = Number(wishes.payments)

const say = (...lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)

say(
  `Node ${process.versions.node}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}; both rooms in one`,
  'process, the payers in another, PostgreSQL (where used) in others: they share these cores.',
  '',
)
sayFloor(measureFloor(payerCount))
if (wishes.sqlite || !wishes.postgres) await measureWhole('SQLite', {})
if (wishes.postgres) await onPostgres()
sayWhatIsMeasured()

async function onPostgres(): Promise<void> {
  const stop = await setUpPostgres()
  try {
    await measureWhole('PostgreSQL', {
      PAYMENT_DATABASE_URL: await freshPostgresUrl(),
      CARD_DATABASE_URL: await freshPostgresUrl(),
      BANK_DATABASE_URL: await freshPostgresUrl(),
    })
  } finally {
    await stop?.()
  }
}

async function measureWhole(engine: string, variables: Record<string, string>): Promise<void> {
  const rooms = await startRooms(variables, wishes.profile ?? null)
  try {
    const { enrol, bills, pays, checkBooks } = load(rooms)
    const payers = await enrol(payerCount)
    const warmUp = await pays(payers, await bills(warmUpPayments), 8)
    const stretches: Stretch[] = []
    // Other programs come and go on a machine: the floor is measured again beside every line.
    const floors = [measureFloor(payerCount).cpuMicros]
    for (const concurrency of concurrencies) {
      const { stretch } = await pays(payers, await bills(paymentsOfStretch), concurrency)
      stretches.push(stretch)
      floors.push(measureFloor(payerCount).cpuMicros)
    }
    const payments = stretches.reduce((sum, stretch) => sum + stretch.payments, warmUpPayments)
    sayWhole(engine, stretches, median(floors), await checkBooks(warmUp.payees, payments))
  } finally {
    await rooms.stop()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
}

function sayFloor({ operations, cpuMicros }: Floor): void {
  say('The cryptographic floor of one payment: bare synchronous node:crypto, keys imported before.', '')
  for (const { what, where, cpuMicros: micros } of operations) {
    say(`  ${what.padEnd(38)}${micros.toFixed(1).padStart(8)} µs   ${where}`)
  }
  say(`  ${'floor'.padEnd(38)}${cpuMicros.toFixed(1).padStart(8)} µs CPU a payment`, '')
}

function sayWhole(engine: string, stretches: readonly Stretch[], floorMicros: number, books: string): void {
  say(`The whole path on ${engine}: ${payerCount} payers in turn, ${paymentsOfStretch} payments a line.`, '')
  say('  at once  payments/s    p50 ms    p99 ms    CPU µs a payment    whole ÷ floor')
  for (const { concurrency, perSecond, p50Ms, p99Ms, serverCpuMicros } of stretches) {
    say(
      [
        String(concurrency).padStart(9),
        perSecond.toFixed(0).padStart(12),
        p50Ms.toFixed(2).padStart(10),
        p99Ms.toFixed(2).padStart(10),
        serverCpuMicros.toFixed(0).padStart(20),
        (serverCpuMicros / floorMicros).toFixed(1).padStart(17),
      ].join(''),
    )
  }
  say('', `  The floor meanwhile: ${floorMicros.toFixed(0)} µs. ${books}.`, '')
}

function sayWhatIsMeasured(): void {
  say(
    'Measured: two HTTP requests a payment over loopback (the intent, the confirmation) to the payment server, its signed message',
    'to the bank and back, both verifications of the passkey, and every commit: SQLite in WAL mode with synchronous=FULL, PostgreSQL',
    'with synchronous_commit=on. CPU is user and system time of the process that holds both rooms, all its threads, its collector',
    'and its log; ms are what a payer waits for the two answers, without the passkey; payments/s include the load generator, which',
    'signs and parses on the same cores. The rate limiter runs with a limit that nobody reaches, since all come from one address.',
    '',
    'Not measured: TLS, a network, browsers, two machines, enrolment, the merchant’s creation of the bill (made before each line),',
    "PostgreSQL's own CPU time, a database that has grown for years, a disk other than this one.",
  )
}
