import { useState } from 'preact/hooks'
import type { ConsoleMember, ConsoleRole } from '../../../shared/wire/console-api.ts'
import { Button } from '../../parts/button.tsx'
import { Chips } from '../../parts/chips.tsx'
import { Field } from '../../parts/field.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { useFlow } from '../../parts/use-flow.ts'
import type { PeopleRun } from '../flows/people-run.ts'
import { useConsoleWords } from '../use-console-words.ts'
import { useTime } from '../use-time.ts'
import { ListScreen, ShownOnce } from './list-screen.tsx'

/** Each more than the one before. Not the contract's own list, which brings its validator along. */
const roles: readonly ConsoleRole[] = ['viewer', 'staff', 'owner']

/** Who may sign in here. */
export function PeopleScreen({ run }: { readonly run: PeopleRun }) {
  const { people: said } = useConsoleWords()
  const { people, link, notice } = useFlow(run.flow)
  const entryOf = (one: ConsoleMember, done: () => void) => <Person key={one.id} {...{ run, done }} of={one} />
  return (
    <ListScreen title={said.title} read={run.read} things={people} {...{ notice, entryOf }}>
      <ShownOnce said={said.once} secret={link} />
      <Invite run={run} />
    </ListScreen>
  )
}

type PersonProps = {
  readonly run: PeopleRun
  readonly of: ConsoleMember
  /** What was pressed is gone then, and the focus goes elsewhere. */
  readonly done: () => void
}

function Person({ run, of, done }: PersonProps) {
  const { people: said, roles: roleWords, acts } = useConsoleWords()
  const time = useTime('short')
  const isChosen = useFlow(run.flow).chosen === of.id
  const name = of.name ?? said.unnamed
  const state = of.joinedAtMs === null ? said.invited(time(of.invitedUntilMs)) : said.since(time(of.joinedAtMs))
  return (
    <li class="entry">
      <div class="row">
        <span class="to">
          <bdi>{name}</bdi>
          <small>{of.isYou ? said.you(of.role) : roleWords[of.role]}</small>
          <small>{state}</small>
        </span>
        <Button onPress={() => run.flow.send({ type: 'chosen', person: isChosen ? null : of.id })}>
          {isChosen ? acts.notNow : said.change}
          <span class="sr">
            {' '}
            {name}, {state}
          </span>
        </Button>
      </div>
      {isChosen && <Changes {...{ run, of, done }} />}
    </li>
  )
}

function Changes({ run, of, done }: PersonProps) {
  const { people: said } = useConsoleWords()
  const [role, setRole] = useState(of.role)
  const [isRemoving, setIsRemoving] = useState(false)
  return (
    <div class="acts">
      <RoleChips role={role} choose={setRole} />
      <Button kind="quiet" disabled={role === of.role} onPress={() => void run.changeRole(role).then(done)}>
        {said.roleNow}
      </Button>
      {isRemoving && <p>{said.removeMore}</p>}
      {of.role === 'owner' && of.joinedAtMs !== null && (isRemoving || role !== 'owner') && (
        <p>{said.endsInvitations}</p>
      )}
      <Button kind="quiet" onPress={isRemoving ? () => void run.remove().then(done) : () => setIsRemoving(true)}>
        {isRemoving ? said.removeNow : said.remove}
      </Button>
    </div>
  )
}

function Invite({ run }: { readonly run: PeopleRun }) {
  const { words } = useSpeech()
  const { people: said } = useConsoleWords()
  const { isBusy } = useFlow(run.flow)
  const [role, setRole] = useState<ConsoleRole>('staff')
  const [name, setName] = useState('')
  const called = name.trim()
  async function invite(): Promise<void> {
    if (called === '') return
    await run.invite(called, role)
    if (run.flow.now().notice === null) setName('')
  }
  return (
    <form
      class="narrow-start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void invite()
      }}
    >
      <h2>{said.invite}</h2>
      <Field
        label={said.name}
        hint={said.nameMore}
        input={{
          value: name,
          maxLength: 40,
          autoComplete: 'off',
          onInput: (event) => setName(event.currentTarget.value),
        }}
      />
      <RoleChips role={role} choose={setRole} />
      <Button kind="primary" type="submit" disabled={called === ''} busy={isBusy ? words.loading : null}>
        {said.inviteNow}
      </Button>
    </form>
  )
}

function RoleChips({ role, choose }: { readonly role: ConsoleRole; readonly choose: (role: ConsoleRole) => void }) {
  const { people: said, roles: roleWords } = useConsoleWords()
  return (
    <>
      <Chips legend={said.role} values={roles} chosen={role} wordsOf={(one) => roleWords[one]} choose={choose} />
      <p>{said.rolesMore[role]}</p>
    </>
  )
}
