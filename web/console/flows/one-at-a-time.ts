import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

type Asking = { readonly type: 'asking' } | { readonly type: 'failed'; readonly notice: ConsoleNotice }
type Run = { now(): { readonly isBusy: boolean }; send(event: Asking): void }

/** What is asked while something is under way is left out; what is refused becomes a notice, and a session that is over ends. */
export function oneAtATime({ now, send }: Run, signedOut: () => void) {
  return async (work: () => Promise<void>): Promise<void> => {
    if (now().isBusy) return
    send({ type: 'asking' })
    try {
      await work()
    } catch (error) {
      const notice = consoleNoticeOf(error)
      if (notice === 'session-missing') signedOut()
      else send({ type: 'failed', notice })
    }
  }
}
