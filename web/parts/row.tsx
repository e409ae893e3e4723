import type { ComponentChildren } from 'preact'

/** One line of a receipt. */
export const Row = ({ term, children }: { term: string; children: ComponentChildren }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
)
