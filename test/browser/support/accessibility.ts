import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** WCAG 2.2, levels A and AA: axe names rules by the version that brought them. */
const wcag22AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/**
 * What axe finds on the page as it is now.
 * @returns one text a rule that is broken, with the elements that break it and how; empty where none is
 */
export async function checkAccessibility(page: Page): Promise<string[]> {
  // axe leaves the one rule of WCAG 2.2 out unless it is asked for by name (success criterion 2.5.8).
  return check(page, { runOnly: { type: 'tag', values: wcag22AA }, rules: { 'target-size': { enabled: true } } })
}

/** The same page in other colours can break this one rule only (success criterion 1.4.3). */
export async function checkContrast(page: Page): Promise<string[]> {
  return check(page, { runOnly: ['color-contrast'] })
}

async function check(page: Page, options: Parameters<AxeBuilder['options']>[0]): Promise<string[]> {
  // Otherwise axe opens another tab to put the findings of frames together; our pages have no frames, and time is dear.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options(options).analyze()
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.map(({ target, failureSummary = '' }) => `  ${target.join(' ')}\n${indent(failureSummary)}`)
    return `${id}: ${help}\n${places.join('\n')}`
  })
}

const indent = (text: string): string => text.replaceAll(/^/gm, '    ')
