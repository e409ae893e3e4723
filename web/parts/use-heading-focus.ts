import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Moves the focus to what is new, so that a screen reader starts where the eye does. For a `tabIndex={-1}` heading. */
export function useHeadingFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  // Before anybody sees it: an effect that waits for the picture would take the focus from who types already.
  useLayoutEffect(() => heading.current?.focus(), [])
  return heading
}
