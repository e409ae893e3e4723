import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Button } from './button.tsx'

type SheetProps = {
  readonly title: ComponentChildren
  readonly closeWords: string
  /** It was closed, by its button or by Escape. */
  readonly closed: () => void
  readonly children: ComponentChildren
}

/** Something over the screen. The browser keeps the focus in a modal dialog, and closes it by Escape. */
export function Sheet({ title, closeWords, closed, children }: SheetProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id} onClose={closed}>
      <header>
        <h2 id={id} class="sheet-title">
          {title}
        </h2>
        <Button onPress={() => dialog.current?.close()}>{closeWords}</Button>
      </header>
      {children}
    </dialog>
  )
}
