import { useId } from 'preact/hooks'
import { activityKinds } from '../../shared/activity.ts'
import type { ActivityKind, Sieve } from '../flows/activity-run.ts'
import { SearchField } from '../parts/search-field.tsx'
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
      <SearchField label={activity.search} value={sieve.search} onType={(search) => sift({ ...sieve, search })} />
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
