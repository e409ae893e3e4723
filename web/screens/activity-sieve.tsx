import { useId } from 'preact/hooks'
import { activityKinds } from '../../shared/activity.ts'
import type { ActivityKind, Sieve } from '../flows/activity-run.ts'
import type { WalletWords } from '../words/wallet-en.ts'

type ActivitySieveProps = {
  readonly sieve: Sieve
  readonly sift: (sieve: Sieve) => void
  readonly words: WalletWords
}

/** What to look for among the payments. */
export function ActivitySieve({ sieve, sift, words: { activity } }: ActivitySieveProps) {
  const id = useId()
  const kinds: readonly (ActivityKind | null)[] = [null, ...activityKinds]
  return (
    <search class="sieve">
      <label class="sr" for={id}>
        {activity.search}
      </label>
      <input
        id={id}
        type="search"
        placeholder={activity.search}
        value={sieve.search}
        maxLength={80}
        dir="auto"
        autoComplete="off"
        enterKeyHint="search"
        onInput={(event) => sift({ ...sieve, search: event.currentTarget.value })}
      />
      <fieldset class="chips">
        <legend class="sr">{activity.kind}</legend>
        {kinds.map((kind) => (
          <label key={kind ?? 'all'} class="chip">
            <input
              type="radio"
              name={`${id}-kind`}
              checked={sieve.kind === kind}
              onChange={() => sift({ ...sieve, kind })}
            />
            <span>{activity.kinds[kind ?? 'all']}</span>
          </label>
        ))}
      </fieldset>
    </search>
  )
}
