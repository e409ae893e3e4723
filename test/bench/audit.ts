import lighthouse, { type Result } from 'lighthouse'
import { z } from 'zod'

/** What Lighthouse says of a page on a phone. */
export type Audit = {
  readonly scores: readonly Score[]
  /** Cumulative layout shift; nothing that was drawn moves: 0. */
  readonly layoutShift: number
  /** What performance is made of, for people. */
  readonly metrics: readonly string[]
}

/** @property score of 100; @property faults what it fell short by, for people */
type Score = { readonly category: string; readonly score: number; readonly faults: readonly string[] }

const categories = { performance: 'performance', accessibility: 'accessibility', 'best-practices': 'best practices' }
/** Where an item of an audit is: an element, or what the browser's console said. */
const placeSchema = z.union([
  z.object({ node: z.object({ snippet: z.string() }) }).transform(({ node }) => node.snippet),
  z
    .object({ description: z.string(), sourceLocation: z.object({ url: z.string() }) })
    .transform(({ description, sourceLocation }) => `${description} (${sourceLocation.url})`),
])
const metrics = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'speed-index']

/**
 * Asks Lighthouse, in a browser that runs already and stays as it is: with its cookies, but without what the service worker kept.
 * @param debuggingPort of the browser's DevTools protocol
 * @param runs how often; a machine is busy or is not, so the one in the middle counts
 */
export async function audit(url: string, debuggingPort: number, runs: number): Promise<Audit> {
  const results: Result[] = []
  for (let run = 0; run < runs; run += 1) results.push(await once(url, debuggingPort))
  const byPerformance = results.toSorted((left, right) => scoreOf(left, 'performance') - scoreOf(right, 'performance'))
  const middle = byPerformance[Math.floor(runs / 2)]
  if (middle === undefined) throw new Error('at least one run is needed')
  return auditOf(middle)
}

async function once(url: string, debuggingPort: number): Promise<Result> {
  const ran = await lighthouse(url, {
    port: debuggingPort,
    logLevel: 'error',
    formFactor: 'mobile',
    onlyCategories: Object.keys(categories),
  })
  if (ran === undefined) throw new Error(`Lighthouse says nothing of ${url}`)
  const { runtimeError } = ran.lhr
  if (runtimeError !== undefined) throw new Error(`Lighthouse failed at ${url}: ${runtimeError.message}`)
  return ran.lhr
}

const scoreOf = (result: Result, category: string): number =>
  Math.round((result.categories[category]?.score ?? 0) * 100)

const auditOf = (result: Result): Audit => ({
  scores: Object.entries(categories).map(([id, category]) => ({
    category,
    score: scoreOf(result, id),
    faults: faultsIn(result, id),
  })),
  layoutShift: result.audits['cumulative-layout-shift']?.numericValue ?? Number.NaN,
  metrics: metrics.flatMap((id) => {
    const measured = result.audits[id]
    return measured === undefined ? [] : [`${measured.title} ${measured.displayValue ?? ''}`]
  }),
})

/** Every audit of the category that is not passed: those that count, and those that say why. */
function faultsIn({ categories: all, audits }: Result, category: string): string[] {
  return (all[category]?.auditRefs ?? []).flatMap(({ id, weight }) => {
    const { score = null, title = '', displayValue = '', details } = audits[id] ?? {}
    if (score === null || score === 1) return []
    const items = details !== undefined && 'items' in details && Array.isArray(details.items) ? details.items : []
    const places = items.flatMap((item) => placeSchema.safeParse(item).data ?? [])
    return [
      `${id} (weight ${weight}, ${Math.round(score * 100)}): ${[title, displayValue, ...places].filter(Boolean).join(' · ')}`,
    ]
  })
}
