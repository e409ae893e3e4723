import type { ComponentChildren } from 'preact'

type ButtonProps = {
  readonly kind?: 'primary' | 'quiet' | 'plain'
  readonly type?: 'button' | 'submit'
  /** What it waits for: shown instead of its words, while it cannot be pressed. */
  readonly busy?: string | null
  readonly disabled?: boolean
  readonly onPress?: () => void
  readonly children: ComponentChildren
}

/** `aria-disabled` keeps the focus where it is while something is under way; a second tap does nothing. */
export function Button({ kind = 'plain', type = 'button', busy = null, disabled, onPress, children }: ButtonProps) {
  const isBusy = busy !== null
  return (
    <>
      <button
        type={type}
        class={`button ${kind}`}
        aria-busy={isBusy}
        aria-disabled={isBusy || disabled}
        onClick={(event) => {
          if (isBusy || disabled) event.preventDefault()
          else onPress?.()
        }}
      >
        {isBusy && <span class="spinner" aria-hidden="true" />}
        <span>{busy ?? children}</span>
      </button>
      {kind === 'primary' && (
        <span class="sr" role="status">
          {busy}
        </span>
      )}
    </>
  )
}
