import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Broken } from './broken.tsx'
import { Busy } from './busy.tsx'
import { useSpeechToCome } from './language-context.ts'
import { pause, persistent } from './persistent.ts'

export type Later<Props> = ComponentType<Props> & {
  /** Fetches the script before it is needed. */
  readonly prefetch: () => void
}

/** A part whose script, and all words, are fetched when it is first drawn, or before. */
export const later = <Props extends object>(load: () => Promise<ComponentType<Props>>): Later<Props> =>
  laterBehind(load, Busy, Broken)

/** The same for a part that is of use and no more: while it is not here, there is nothing. */
export const laterInSilence = <Props extends object>(load: () => Promise<ComponentType<Props>>): Later<Props> =>
  laterBehind(load, Nothing, Nothing)

const Nothing = () => null

function laterBehind<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Waiting: ComponentType,
  Failed: ComponentType,
): Later<Props> {
  let Loaded: ComponentType<Props> | undefined
  const fetchPart = persistent(async () => {
    Loaded = await load()
  }, pause)
  function Later(props: Props) {
    const { language, words, fetchWords } = useSpeechToCome()
    const [fetched, setFetched] = useState<'not yet' | 'yes' | 'in vain'>('not yet')
    useEffect(() => {
      // It may have come since this was drawn.
      if (Loaded && words) return setFetched('yes')
      Promise.all([fetchPart(), words ?? fetchWords()]).then(
        () => setFetched('yes'),
        () => setFetched('in vain'),
      )
    }, [language])
    if (Loaded && words) return <Loaded {...props} />
    return fetched === 'in vain' ? <Failed /> : <Waiting />
  }
  return Object.assign(Later, { prefetch: () => void fetchPart().catch(() => undefined) })
}
