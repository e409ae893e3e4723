import { receiptFileName } from '../../shared/receipt/receipt.ts'

/** Only who paid may save it; or something else was in the way, and it may be tried again. */
export type SaveOutcome = 'saved' | 'refused' | 'failed'

/**
 * Fetches the proof of a payment, and hands it to the browser as a file to keep. Not a plain link: where there is no proof to be had, a link
 * would save the server's refusal under the name of the proof.
 */
export async function saveProof(payment: string): Promise<SaveOutcome> {
  const response = await fetch(`/api/payments/${encodeURIComponent(payment)}/receipt`, { cache: 'no-store' }).catch(
    () => null,
  )
  if (response === null) return 'failed'
  if (!response.ok) return response.status === 401 || response.status === 404 ? 'refused' : 'failed'
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = receiptFileName(payment)
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), keptMs)
  return 'saved'
}

/** A browser may ask where to put the file before it reads it. */
const keptMs = 60_000
