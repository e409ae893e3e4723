const barWidth = 10
const height = 56
const shortest = 2

type BarsProps = {
  readonly values: readonly number[]
  /** Index of the bar that is now. */
  readonly now: number
  /** Says the same to whoever does not see it. */
  readonly label: string
}

/** A bar a day, the highest as high as there is room. Nothing of a day is drawn below the line: it is as if there were none. */
export function Bars({ values, now, label }: BarsProps) {
  const most = Math.max(1, ...values)
  return (
    <svg viewBox={`0 0 ${values.length * barWidth} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {values.map((minor, index) => {
        const tall = shortest + (Math.max(0, minor) / most) * (height - shortest)
        const kind = minor <= 0 ? 'none' : index === now ? 'today' : 'some'
        return (
          <rect
            key={index}
            class={kind}
            x={index * barWidth + 1.5}
            y={height - tall}
            width={barWidth - 3}
            height={tall}
            rx={shortest / 2}
          />
        )
      })}
    </svg>
  )
}
