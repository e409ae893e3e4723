import { type ConsoleNotice, consoleNoticeOf } from './console-notice.ts'

type OneAtATime = {
  readonly isBusy: () => boolean
  readonly begins: () => void
  readonly fails: (notice: ConsoleNotice) => void
  readonly signedOut: () => void
}

/** What is asked while something is under way is left out; what is refused becomes a notice, and a session that is over ends. */
export function oneAtATime({ isBusy, begins, fails, signedOut }: OneAtATime) {
  return async (work: () => Promise<void>): Promise<void> => {
    if (isBusy()) return
    begins()
    try {
      await work()
    } catch (error) {
      const notice = consoleNoticeOf(error)
      if (notice === 'session-missing') signedOut()
      else fails(notice)
    }
  }
}
