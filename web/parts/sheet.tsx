import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Button } from './button.tsx'
import { keepFocus } from './keep-focus.ts'

type SheetProps = {
  readonly title: ComponentChildren
  readonly closeWords: string
  /** It was closed: by its button, else by Escape or the way back. */
  readonly closed: (isByButton: boolean) => void
  readonly children: ComponentChildren
}

const byButton = 'by its button'

/** Something over the screen. The browser keeps the focus in a modal dialog, and closes it by Escape. */
export function Sheet({ title, closeWords, closed, children }: SheetProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    const around = document.activeElement?.closest('section')
    shown?.showModal()
    return () => {
      // One that is taken away leaves the focus nowhere; one that is closed gives it back to what opened it.
      shown?.close()
      // Which may go as well.
      queueMicrotask(() => keepFocus(around?.querySelector('h2') ?? around))
    }
  }, [])
  // One step makes room for another, and what had the focus goes with it.
  useLayoutEffect(() => keepFocus(heading.current))
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={id}
      onClose={() => dialog.current && closed(dialog.current.returnValue === byButton)}
    >
      <header>
        <h2 ref={heading} id={id} class="sheet-title">
          {title}
        </h2>
        <Button onPress={() => dialog.current?.close(byButton)}>{closeWords}</Button>
      </header>
      {children}
    </dialog>
  )
}
