import { activityKinds } from '../../shared/activity.ts'
import type { Sieve } from '../flows/activity-run.ts'
import { Chips } from '../parts/chips.tsx'
import { SearchField } from '../parts/search-field.tsx'
import type { WalletWords } from '../words/wallet-en.ts'

type ActivitySieveProps = {
  readonly sieve: Sieve
  readonly sift: (sieve: Sieve) => void
  readonly words: WalletWords
}

/** What to look for among the payments. */
export function ActivitySieve({ sieve, sift, words: { activity } }: ActivitySieveProps) {
  return (
    <search class="sieve">
      <SearchField label={activity.search} value={sieve.search} onType={(search) => sift({ ...sieve, search })} />
      <Chips
        legend={activity.kind}
        values={[null, ...activityKinds]}
        chosen={sieve.kind}
        wordsOf={(kind) => activity.kinds[kind ?? 'all']}
        choose={(kind) => sift({ ...sieve, kind })}
      />
    </search>
  )
}
