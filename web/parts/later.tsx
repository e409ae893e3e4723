import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Busy } from './busy.tsx'

/** A part whose script is fetched when it is first drawn. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loading: Promise<ComponentType<Props>> | undefined
  let Loaded: ComponentType<Props> | undefined
  return function Later(props: Props) {
    const [, draw] = useState(false)
    const [error, setError] = useState<unknown>(null)
    useEffect(() => {
      if (Loaded) return
      loading ??= load()
      loading.then((part) => {
        Loaded = part
        draw(true)
      }, setError)
    }, [])
    if (error) throw error
    return Loaded ? <Loaded {...props} /> : <Busy />
  }
}
