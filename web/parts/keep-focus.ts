import { useLayoutEffect, useRef } from 'preact/hooks'

/** Where what had the focus is gone, this gets it: who goes by keys, or listens, goes on from there and not from the top of the page. */
export function keepFocus(to: HTMLElement | null | undefined): void {
  if (!to || document.activeElement !== document.body) return
  to.tabIndex = -1
  to.focus()
}

/** Keeps the focus on the page where a screen goes with the button that was pressed on it. @param shown which screen; null while there is none */
export function useKeptFocus(shown: string | null): void {
  const before = useRef(shown)
  useLayoutEffect(() => {
    const isAnother = before.current !== null && before.current !== shown
    before.current = shown
    if (isAnother) keepFocus(document.querySelector<HTMLElement>('main :is(h1, h2)') ?? document.querySelector('main'))
  }, [shown])
}
