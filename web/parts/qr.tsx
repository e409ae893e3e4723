import { useEffect, useState } from 'preact/hooks'
import { qrModules } from './qr-modules.ts'

/** Text for a camera. Dark on light in every colour scheme, because not every camera reads it the other way round. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const [modules, setModules] = useState<readonly (readonly boolean[])[]>([])
  useEffect(() => {
    let isCurrent = true
    void qrModules(text).then((made) => {
      if (isCurrent) setModules(made)
    })
    return () => {
      isCurrent = false
    }
  }, [text])
  return (
    <div class="qr" role="img" aria-label={label}>
      {modules.length > 0 && (
        <svg viewBox={`0 0 ${modules.length} ${modules.length}`} shape-rendering="crispEdges" aria-hidden="true">
          <path d={darkOf(modules)} />
        </svg>
      )}
    </div>
  )
}

/** One square a dark module, in one path. */
const darkOf = (modules: readonly (readonly boolean[])[]): string =>
  modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
