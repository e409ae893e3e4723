const dayMs = 24 * 60 * 60_000

/** Today and yesterday by word, other days by date. */
export function dayOf(atMs: number, nowMs: number, locale: string): string {
  // Days are counted between midnights, which summer time puts 23 or 25 hours apart.
  const midnightOf = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)
  const days = Math.round((midnightOf(nowMs) - midnightOf(atMs)) / dayMs)
  // It was a server that noted it, and its clock may be past midnight already.
  const daysAgo = Math.max(0, days)
  if (daysAgo <= 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-daysAgo, 'day')
  }
  return dateOf(atMs, locale)
}

export const dateOf = (atMs: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(atMs)

export const dayAndTimeOf = (atMs: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs)
