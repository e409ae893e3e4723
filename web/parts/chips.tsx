import { useId } from 'preact/hooks'

type ChipsProps<Value> = {
  readonly legend: string
  readonly values: readonly Value[]
  readonly chosen: Value
  readonly wordsOf: (value: Value) => string
  readonly choose: (value: Value) => void
}

/** One of several, each in sight. */
export function Chips<Value extends string | null>({ legend, values, chosen, wordsOf, choose }: ChipsProps<Value>) {
  const name = useId()
  return (
    <fieldset class="chips">
      <legend class="sr">{legend}</legend>
      {values.map((value) => (
        <label key={value ?? 'all'} class="chip">
          <input type="radio" name={name} checked={chosen === value} onChange={() => choose(value)} />
          <span>{wordsOf(value)}</span>
        </label>
      ))}
    </fieldset>
  )
}
