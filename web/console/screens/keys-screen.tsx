import { useState } from 'preact/hooks'
import type { ConsoleKey, ConsolePerson } from '../../../shared/wire/console-api.ts'
import type { KeyScope } from '../../../shared/wire/merchant-api.ts'
import { Button } from '../../parts/button.tsx'
import { Chips } from '../../parts/chips.tsx'
import { Field } from '../../parts/field.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { useFlow } from '../../parts/use-flow.ts'
import type { KeysRun, NewKey } from '../flows/keys-run.ts'
import { useConsoleWords } from '../use-console-words.ts'
import { useTime } from '../use-time.ts'
import { ListScreen, ShownOnce } from './list-screen.tsx'

/** Each more than the one before. Not the contract's own list, which brings its validator along. */
const scopes: readonly KeyScope[] = ['read', 'payments', 'full']

type KeysScreenProps = { readonly run: KeysRun; readonly person: ConsolePerson }

/** By which keys a merchant's servers come. */
export function KeysScreen({ run, person }: KeysScreenProps) {
  const { keys: said } = useConsoleWords()
  const { keys, secret, notice } = useFlow(run.flow)
  const entryOf = (key: ConsoleKey, done: () => void) => <Key key={key.id} {...{ run, done }} of={key} />
  return (
    <ListScreen title={said.title} read={run.read} things={keys} {...{ notice, entryOf }}>
      <ShownOnce said={said.once} secret={secret} />
      <MakeKey run={run} modes={person.modes} />
    </ListScreen>
  )
}

type KeyProps = {
  readonly run: KeysRun
  readonly of: ConsoleKey
  /** What was pressed is gone then, and the focus goes elsewhere. */
  readonly done: () => void
}

function Key({ run, of, done }: KeyProps) {
  const { keys: said, modes, acts } = useConsoleWords()
  const isRevoking = useFlow(run.flow).revoking === of.id
  const time = useTime('short')
  const used = of.usedAtMs === null ? said.unused : said.used(time(of.usedAtMs))
  return (
    <li class="entry">
      <div class="row">
        <span class="to">
          <bdi>{of.name}</bdi>
          <small>
            {modes[of.mode]} · {said.scopes[of.scope]} · …{of.last4}
          </small>
          <small>{of.revokedAtMs === null ? used : said.revoked(time(of.revokedAtMs))}</small>
        </span>
        {of.revokedAtMs === null && (
          <Button onPress={() => run.flow.send({ type: 'revoking', key: isRevoking ? null : of.id })}>
            {isRevoking ? acts.notNow : said.revoke(of.name)}
          </Button>
        )}
      </div>
      {isRevoking && (
        <div class="acts">
          <p role="status">{of.isConfigured ? said.revokeConfigured : said.revokeMore}</p>
          <Button kind="quiet" onPress={() => void run.revoke().then(done)}>
            {said.revokeNow}
          </Button>
        </div>
      )}
    </li>
  )
}

function MakeKey({ run, modes }: { readonly run: KeysRun; readonly modes: ConsolePerson['modes'] }) {
  const { words } = useSpeech()
  const { keys: said, modes: modeWords } = useConsoleWords()
  const { isBusy } = useFlow(run.flow)
  const [wanted, setWanted] = useState<NewKey>({ mode: modes.at(-1) ?? 'live', scope: 'payments', name: '' })
  const isNamed = /^[\x20-\x7e]{1,40}$/.test(wanted.name.trim())
  return (
    <form
      class="narrow-start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (isNamed) void run.make({ ...wanted, name: wanted.name.trim() })
      }}
    >
      <h2>{said.make}</h2>
      <Field
        label={said.name}
        hint={said.nameMore}
        input={{
          value: wanted.name,
          maxLength: 40,
          autoComplete: 'off',
          onInput: (event) => setWanted({ ...wanted, name: event.currentTarget.value }),
        }}
      />
      {modes.length > 1 && (
        <Chips
          legend={said.mode}
          values={modes}
          chosen={wanted.mode}
          wordsOf={(mode) => modeWords[mode]}
          choose={(mode) => setWanted({ ...wanted, mode })}
        />
      )}
      <Chips
        legend={said.scope}
        values={scopes}
        chosen={wanted.scope}
        wordsOf={(scope) => said.scopes[scope]}
        choose={(scope) => setWanted({ ...wanted, scope })}
      />
      <Button kind="primary" type="submit" disabled={!isNamed} busy={isBusy ? words.loading : null}>
        {said.makeNow}
      </Button>
    </form>
  )
}
