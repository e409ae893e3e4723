import { StartupError } from './runtime/startup-error.ts'

/** Something that runs until it is ended. */
export type Running = {
  /** Finishes what is in flight and puts everything away. */
  end(): Promise<void>
  /** Rejects where it cannot go on. */
  readonly broken?: Promise<never>
}

/**
 * Opens something and lives until SIGINT, SIGTERM or the loss of the process that started this one; then what is in flight is
 * finished and the exit code is 0. Another signal ends the process at once. What an operator can mend is told in one sentence.
 */
export async function liveUntilStopped(open: () => Promise<Running>): Promise<void> {
  process.umask(0o077) // databases and logs are nobody else's business either
  const stopping = firstSignal()
  try {
    // Until it is open nothing is in flight, so a stop that comes earlier waits for nothing: not for a neighbour's keys either.
    const running = await Promise.race([open(), stopping])
    if (running === undefined) process.exit(0)
    try {
      await Promise.race([stopping, ...(running.broken === undefined ? [] : [running.broken])])
    } finally {
      await running.end()
    }
    process.exit(0)
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

/** A Ctrl-C comes from the terminal and once more from npm, which passes on its own: so close together they are one. */
const sameSignalMs = 500

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined
    function onSignal(): void {
      const nowMs = performance.now()
      if (firstAtMs !== undefined && nowMs - firstAtMs > sameSignalMs) process.exit(130)
      firstAtMs ??= nowMs
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
    process.on('disconnect', resolve)
  })
}
