import { Avatar } from '../parts/avatar.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Say } from '../parts/say.tsx'
import type { PayFormProps } from './pay-form.tsx'

/** Everybody this device remembers, and a way to be somebody else. */
export function WhoPays({ state, run }: PayFormProps) {
  const { words } = useSpeech()
  return (
    <fieldset class="names">
      <legend>{words.pay.whoPays}</legend>
      <div class="name-list">
        {state.names.map((name) => (
          <div key={name.username} class="row">
            <button type="button" class="name" onClick={() => run.chooseName(name)}>
              <Avatar name={name.display} />
              <span>
                <Say phrase={words.pay.payAs(name.display)} />
              </span>
            </button>
            <button type="button" class="forget" onClick={() => void run.forget(name)}>
              <span class="sr">
                <Say phrase={words.pay.forget(name.display)} />
              </span>
              <span aria-hidden="true">×</span>
            </button>
          </div>
        ))}
        <div class="row">
          <button type="button" class="name" onClick={() => run.someoneElse()}>
            <Avatar name="+" />
            <span>{words.pay.someoneElse}</span>
          </button>
        </div>
      </div>
    </fieldset>
  )
}
