import { useEffect, useState } from 'preact/hooks'
import { receiptBytesMax } from '../../shared/receipt/read-receipt.ts'
import { type Verdict, verifyReceipt } from '../../shared/receipt/verify-receipt.ts'
import { useSpeech } from '../parts/language-context.ts'
import { ProofOf } from './proof.tsx'

/** As long as every fingerprint: base64url of a SHA-256. */
const fingerprintCharacters = 43

/**
 * Checks the proof of a payment on this device, with or without a network.
 * @param origin of this wallet: a receipt of another site is none of ours
 */
export function VerifyScreen({ origin }: { origin: string }) {
  const { words } = useSpeech()
  const [file, setFile] = useState<File | null>(null)
  const [fingerprint, setFingerprint] = useState('')
  const verdict = useVerdict(file, fingerprint, origin)
  const choose = (chosen: File | null) => {
    setFingerprint('')
    setFile(chosen)
  }
  useEffect(() => {
    document.title = `${words.proof.title} · Moniker`
  }, [words])
  return (
    <>
      <Chooser isFirst={file === null} choose={choose} />
      {file && verdict && (
        <ProofOf key={`${file.name} ${file.lastModified}`} {...{ verdict, fingerprint, compare: setFingerprint }} />
      )}
    </>
  )
}

function useVerdict(file: File | null, fingerprint: string, origin: string): Verdict | null {
  const [known, setKnown] = useState<{ of: File; verdict: Verdict } | null>(null)
  useEffect(() => {
    let isStale = false
    const read = async () => {
      if (file === null) return
      // Whatever somebody drops here, no more of it is read than a receipt can have.
      const bytes = new Uint8Array(await file.slice(0, receiptBytesMax + 1).arrayBuffer())
      const isWhole = fingerprint.trim().length === fingerprintCharacters
      const bankKeyFingerprints = isWhole ? [fingerprint.trim()] : undefined
      const verdict = await verifyReceipt(bytes, { origins: [origin], bankKeyFingerprints })
      if (!isStale) setKnown({ of: file, verdict })
    }
    void read()
    return () => {
      isStale = true
    }
  }, [file, fingerprint, origin])
  return known !== null && known.of === file ? known.verdict : null // never of the file before
}

function Chooser({ isFirst, choose }: { isFirst: boolean; choose: (file: File | null) => void }) {
  const { words } = useSpeech()
  const { proof } = words
  const [isOver, setIsOver] = useState(false)
  return (
    <section class={isFirst ? 'verify' : 'verify again'}>
      <h1>{proof.title}</h1>
      {isFirst && <p class="lead">{proof.lead}</p>}
      <label
        class={isOver ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setIsOver(false)
          choose(event.dataTransfer?.files[0] ?? null)
        }}
      >
        <input
          class="sr"
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget }) => {
            choose(currentTarget.files?.[0] ?? null)
            currentTarget.value = '' // the same file may be chosen again
          }}
        />
        <b>{isFirst ? proof.choose : proof.chooseAnother}</b>
        <span class="by-mouse">{proof.drop}</span>
      </label>
    </section>
  )
}
