import { html } from 'hono/html'
import type { HourReport } from '../ledger-report.ts'

const hourMs = 3_600_000
const hours = 24
/** Of the drawing's own units; it is as wide as its place. */
const height = 60
const barWidth = 8
const barStep = 10

/** How many decisions each of the last 24 hours saw, approved below and declined above. */
export function dayChart(report: readonly HourReport[], nowMs: number) {
  const currentHour = Math.floor(nowMs / hourMs)
  const bars = Array.from({ length: hours }, (_, index) => {
    const hour = currentHour - hours + 1 + index
    return report.find((one) => one.hour === hour) ?? { hour, approved: 0, declined: 0 }
  })
  const most = Math.max(1, ...bars.map(({ approved, declined }) => approved + declined))
  const [approved, declined] = [sum(bars.map((bar) => bar.approved)), sum(bars.map((bar) => bar.declined))]
  return html`<figure class="day">
    <figcaption>
      Last 24 hours: <span class="approved">${approved} approved</span>, <span class="declined">${declined} declined</span>
    </figcaption>
    <svg viewBox="0 0 ${hours * barStep} ${height}" preserveAspectRatio="none" aria-hidden="true">
      ${bars.map((bar, index) => drawn(bar, index * barStep + 1, height / most))}
    </svg>
    <div class="row fine"><span>${hourOf(currentHour - hours + 1)}</span><span>${hourOf(currentHour + 1)} UTC</span></div>
  </figure>`
}

const drawn = ({ approved, declined }: HourReport, left: number, unit: number) => html`
  <rect class="nothing" x="${left}" y="${height - 1}" width="${barWidth}" height="1"></rect>
  <rect class="approved" x="${left}" y="${height - approved * unit}" width="${barWidth}" height="${approved * unit}"></rect>
  <rect class="declined" x="${left}" y="${height - (approved + declined) * unit}" width="${barWidth}" height="${declined * unit}"></rect>`

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const hourOf = (hour: number): string => `${String(hour % hours).padStart(2, '0')}:00`
