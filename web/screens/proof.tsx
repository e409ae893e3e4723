import { formatMoney } from '../../shared/money-text.ts'
import type { Agreed, Finding, Verdict } from '../../shared/receipt/verify-receipt.ts'
import { CardLine } from '../parts/card-line.tsx'
import { Field } from '../parts/field.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Row } from '../parts/row.tsx'
import { Say } from '../parts/say.tsx'
import { useHeadingFocus } from '../parts/use-heading-focus.ts'

type ProofProps = {
  readonly verdict: Verdict
  /** What somebody typed to compare. */
  readonly fingerprint: string
  readonly compare: (fingerprint: string) => void
}

/** What a receipt says, where it is true; where it is not, nothing of it is shown. */
export function ProofOf({ verdict, fingerprint, compare }: ProofProps) {
  const { agreed, findings, isBankKnown, bankKeyFingerprint } = verdict
  const same = comparisonIn(findings)
  return (
    <section class="receipt">
      <Outcome {...{ agreed, isBankKnown }} />
      {bankKeyFingerprint !== null && (agreed !== null || same !== null) && (
        <BankKey {...{ bankKeyFingerprint, fingerprint, compare, same }} />
      )}
      <Findings findings={findings} isOpen={agreed === null} />
    </section>
  )
}

function Outcome({ agreed, isBankKnown }: Pick<Verdict, 'agreed' | 'isBankKnown'>) {
  const { words, locale } = useSpeech()
  const heading = useHeadingFocus()
  const outcome = agreed === null ? 'refused' : isBankKnown ? 'proven' : 'open'
  const { title, more } = words.proof.outcomes[outcome]
  return (
    <div class="slip paid">
      <span class={`stamp ${outcome}`} aria-hidden="true">
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path
            d={strokes[outcome]}
            fill="none"
            stroke="currentColor"
            stroke-width="2.6"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
      </span>
      <h2 ref={heading} tabIndex={-1} class="outcome">
        {title}
      </h2>
      <p class="lead" role="status">
        {more}
      </p>
      {agreed && (
        <>
          <p class="amount">{formatMoney(agreed.amount, locale)}</p>
          <p class="what">
            <Taken agreed={agreed} />
          </p>
          <Lines agreed={agreed} />
        </>
      )}
    </div>
  )
}

/** Money that was only set aside may never have moved. */
function Taken({ agreed: { amount, capturedMinor } }: { agreed: Agreed }) {
  const { words, locale } = useSpeech()
  const { proof } = words
  if (capturedMinor === 0) return proof.setAside
  if (capturedMinor === amount.minor) return proof.captured
  return <Say phrase={proof.capturedPart(formatMoney({ minor: capturedMinor, currency: amount.currency }, locale))} />
}

/** A tick, a question mark, a cross. */
const strokes = {
  proven: 'm5 12.5 4.6 4.6L19 7.4',
  open: 'M8.6 9.2a3.4 3.4 0 1 1 5 3c-1.1.6-1.6 1.2-1.6 2.4m0 3.4v.1',
  refused: 'm6.5 6.5 11 11m0-11-11 11',
}

function Lines({ agreed }: { agreed: Agreed }) {
  const { words, locale } = useSpeech()
  const { pay, proof } = words
  return (
    <dl>
      <Row term={pay.to}>
        <bdi>{agreed.payee.name}</bdi>
        <small>
          <bdi>{agreed.payee.origin}</bdi>
        </small>
      </Row>
      <Row term={pay.orderRow}>
        <bdi>{agreed.order}</bdi>
      </Row>
      <Row term={pay.when}>
        <time dateTime={new Date(agreed.bookedAtMs).toISOString()}>
          {new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(agreed.bookedAtMs)}
        </time>
      </Row>
      <Row term={pay.with}>
        <CardLine face={agreed.card} />
      </Row>
      <Row term={pay.confirmed}>
        {pay.confirmedIn[agreed.ceremony]}
        <small>
          <bdi>{agreed.signedAt}</bdi>
        </small>
      </Row>
      <Row term={proof.payer}>
        <code class="long">{agreed.payer}</code>
      </Row>
      <Row term={proof.bank}>
        <bdi>{agreed.bank}</bdi>
      </Row>
      <Row term={pay.approval}>
        <code>{agreed.approvalCode}</code>
      </Row>
    </dl>
  )
}

type BankKeyProps = Omit<ProofProps, 'verdict'> & {
  readonly bankKeyFingerprint: string
  /** Null where nothing was compared. */
  readonly same: boolean | null
}

/** A file cannot say whose key is in it. Somebody who has heard it from the bank can. */
function BankKey({ bankKeyFingerprint, fingerprint, compare, same }: BankKeyProps) {
  const { words } = useSpeech()
  const { proof } = words
  return (
    <section class="bank-key">
      <h3>{proof.key}</h3>
      <p class="lead">{proof.keyMore}</p>
      <p>
        <code class="long">{bankKeyFingerprint}</code>
      </p>
      <Field
        label={proof.compare}
        hint={proof.compareHint}
        good={same === true && proof.same}
        fault={same === false && proof.different}
        input={{
          value: fingerprint,
          onInput: ({ currentTarget }) => compare(currentTarget.value),
          autoComplete: 'off',
          autoCapitalize: 'none',
          spellcheck: false,
          dir: 'ltr',
        }}
      />
    </section>
  )
}

const comparisonIn = (findings: readonly Finding[]): boolean | null =>
  findings.find(({ check }) => check === 'bank')?.holds ?? null

function Findings({ findings, isOpen }: { findings: readonly Finding[]; isOpen: boolean }) {
  const { words } = useSpeech()
  const { proof } = words
  return (
    <details class="more-fields" open={isOpen}>
      <summary>{proof.checked}</summary>
      <ul class="findings">
        {findings.map(({ check, holds }) => (
          <li key={check} class={holds ? 'holds' : 'fails'}>
            <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
            <span>
              <span class={holds ? 'sr' : ''}>{holds ? proof.holds : proof.fails} </span>
              {proof.checks[check]}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
