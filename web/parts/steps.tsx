type StepsProps = {
  readonly count: number
  /** How many are behind. */
  readonly done: number
}

/** How far somebody is; the headings say it in words. */
export function Steps({ count, done }: StepsProps) {
  return (
    <div class="steps" aria-hidden="true">
      {Array.from({ length: count }, (_, step) => (
        <i key={step} class={step < done ? 'done' : step === done ? 'now' : ''} />
      ))}
    </div>
  )
}
