import { Problem } from '../../../shared/problem.ts'
import { egressUrl } from '../../runtime/egress.ts'

/**
 * A URL that may be called, in its one spelling.
 * @param callsLoopback in development the shop is on the same machine
 * @throws {Problem} `webhook-url-refused`
 */
export function webhookUrl(text: string, callsLoopback: boolean): string {
  const url = egressUrl(text, { allowsLoopback: callsLoopback })
  if (url === null) throw new Problem('webhook-url-refused')
  return url.href
}
