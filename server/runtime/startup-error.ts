/** Something an operator can mend before this program can run: one clear sentence, shown without a stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
