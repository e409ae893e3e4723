import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { Busy } from '../../parts/busy.tsx'
import { Notice } from '../../parts/notice.tsx'
import { useHeadingFocus } from '../../parts/use-heading-focus.ts'
import type { ConsoleNotice } from '../flows/console-notice.ts'
import { useAdvice } from '../use-console-words.ts'

type ListScreenProps<T> = {
  readonly title: string
  readonly read: () => Promise<void>
  /** null until they are read */
  readonly things: readonly T[] | null
  readonly notice: ConsoleNotice | null
  readonly none?: string
  /** @param done what was pressed is gone then, and the focus goes to the heading */
  readonly entryOf: (thing: T, done: () => void) => ComponentChildren
  readonly children: ComponentChildren
}

/** What a merchant has of one kind, and what can be done about it. */
export function ListScreen<T>({ title, read, things, notice, none, entryOf, children }: ListScreenProps<T>) {
  const advice = useAdvice()
  const heading = useHeadingFocus()
  useEffect(() => {
    void read()
  }, [read])
  return (
    <div class="console-screen">
      <h1 class="heading" ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {notice !== null && <Notice tone="stop" advice={advice(notice)} />}
      {things === null && notice === null && <Busy />}
      {things?.length === 0 && none !== undefined && <p class="lead">{none}</p>}
      {things !== null && things.length > 0 && (
        <ul class="name-list">{things.map((thing) => entryOf(thing, () => heading.current?.focus()))}</ul>
      )}
      {children}
    </div>
  )
}

/** A secret that was made just now, to be copied. */
export function ShownOnce({ said, secret }: { readonly said: string; readonly secret: string | null }) {
  return (
    <div role="status">
      {secret !== null && (
        <p class="facts">
          {said} <code>{secret}</code>
        </p>
      )}
    </div>
  )
}
