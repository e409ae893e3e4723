import { receiptFileName } from '../../shared/receipt/receipt.ts'
import { type SaveOutcome, saveFile } from './save-file.ts'

/** The file that proves a payment. */
export const saveProof = (payment: string): Promise<SaveOutcome> =>
  saveFile(`/api/payments/${encodeURIComponent(payment)}/receipt`, receiptFileName(payment))
