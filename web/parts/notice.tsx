import type { ComponentChildren } from 'preact'
import type { Advice } from '../words/en.ts'

type NoticeProps = {
  readonly advice: Advice
  readonly tone: 'stop' | 'note'
  readonly title?: string
  readonly children?: ComponentChildren
}

/** What happened, that nothing was lost, and what to do now. Read out at once. */
export const Notice = ({ advice, tone, title, children }: NoticeProps) => (
  <div class={`notice ${tone}`} role="alert">
    {title && <strong>{title}</strong>}
    <p>
      <b>{advice.what}</b> {advice.next}
    </p>
    {children}
  </div>
)
