import { useState } from 'preact/hooks'
import type { ConsolePerson, ConsoleWebhook } from '../../../shared/wire/console-api.ts'
import { Button } from '../../parts/button.tsx'
import { Chips } from '../../parts/chips.tsx'
import { Field } from '../../parts/field.tsx'
import { useSpeech } from '../../parts/language-context.ts'
import { Row } from '../../parts/row.tsx'
import { useFlow } from '../../parts/use-flow.ts'
import type { WebhooksRun } from '../flows/webhooks-run.ts'
import { useConsoleWords } from '../use-console-words.ts'
import { ListScreen } from './list-screen.tsx'

type WebhooksScreenProps = { readonly run: WebhooksRun; readonly person: ConsolePerson }

/** Where a merchant's servers are told of its payments. */
export function WebhooksScreen({ run, person }: WebhooksScreenProps) {
  const { webhooks: said } = useConsoleWords()
  const { webhooks, notice } = useFlow(run.flow)
  const entryOf = (webhook: ConsoleWebhook) => <Webhook key={webhook.id} of={webhook} />
  return (
    <ListScreen title={said.title} read={run.read} things={webhooks} none={said.none} {...{ notice, entryOf }}>
      <Keys run={run} />
      {person.role === 'owner' && <Add run={run} modes={person.modes} />}
    </ListScreen>
  )
}

function Webhook({ of: { id, url, mode, state } }: { readonly of: ConsoleWebhook }) {
  const { webhooks: said, modes } = useConsoleWords()
  return (
    <li>
      <a class="row entry" href={`/console/webhooks/${id}`}>
        <span class="to">
          <bdi>{url}</bdi>
          <small>
            {modes[mode]} · {said.states[state]}
          </small>
        </span>
      </a>
    </li>
  )
}

/** Seen after an endpoint was made, and after it got new ones. */
export function Keys({ run }: { readonly run: WebhooksRun }) {
  const { webhooks: said } = useConsoleWords()
  const { keys } = useFlow(run.flow)
  return (
    <div role="status">
      {keys !== null && (
        <>
          <p>{said.once}</p>
          <dl class="facts">
            <Row term={said.secret}>
              <code>{keys.secret}</code>
            </Row>
            <Row term={said.publicKey}>
              <code>{keys.publicKey}</code>
            </Row>
          </dl>
        </>
      )}
    </div>
  )
}

function Add({ run, modes }: { readonly run: WebhooksRun; readonly modes: ConsolePerson['modes'] }) {
  const { words } = useSpeech()
  const { webhooks: said, keys, modes: modeWords } = useConsoleWords()
  const { isBusy } = useFlow(run.flow)
  const [mode, setMode] = useState(modes.at(-1) ?? 'live')
  const [url, setUrl] = useState('')
  async function add(): Promise<void> {
    if (url.trim() === '') return
    await run.add(mode, url.trim())
    if (run.flow.now().notice === null) setUrl('')
  }
  return (
    <form
      class="narrow-start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <h2>{said.add}</h2>
      <Field
        label={said.url}
        hint={said.urlMore}
        input={{
          type: 'url',
          value: url,
          maxLength: 2000,
          autoComplete: 'off',
          onInput: (event) => setUrl(event.currentTarget.value),
        }}
      />
      {modes.length > 1 && (
        <Chips legend={keys.mode} values={modes} chosen={mode} wordsOf={(one) => modeWords[one]} choose={setMode} />
      )}
      <Button kind="primary" type="submit" disabled={url.trim() === ''} busy={isBusy ? words.loading : null}>
        {said.addNow}
      </Button>
    </form>
  )
}
