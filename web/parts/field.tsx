import type { ComponentChildren, InputHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'

type FieldProps = {
  readonly label: string
  readonly hint?: ComponentChildren
  /** What is wrong with it, next to it. */
  readonly fault?: ComponentChildren
  readonly good?: ComponentChildren
  readonly after?: ComponentChildren
  readonly input: InputHTMLAttributes<HTMLInputElement> & { 'data-field'?: string }
}

export function Field({ label, hint, fault, good, after, input }: FieldProps) {
  const id = useId()
  const more = fault || good || hint
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={id}>{label}</label>
      <div class="box">
        <input
          {...input}
          id={id}
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={more ? `${id}-more` : undefined}
        />
        {after}
      </div>
      <p id={`${id}-more`} class={good && !fault ? 'more good' : 'more'} aria-live="polite">
        {more}
      </p>
    </div>
  )
}
