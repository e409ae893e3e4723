import type { z } from 'zod'
import { Problem } from '../../shared/problem.ts'

/** @param given what followed the question mark, or a part of it. @throws {Problem} `query-malformed` */
export function readQuery<T>(schema: z.ZodType<T>, given: string | Readonly<Record<string, string>>): T {
  const parsed = schema.safeParse(given)
  const texts = typeof given === 'string' ? [given] : Object.values(given)
  // PostgreSQL cannot compare with NUL: nothing is called by it.
  if (!parsed.success || texts.some((text) => text.includes('\0'))) throw new Problem('query-malformed')
  return parsed.data
}
