import type { z } from 'zod'
import { Problem } from '../../shared/problem.ts'

/** @param given what followed the question mark, or a part of it. @throws {Problem} `query-malformed` */
export function readQuery<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw new Problem('query-malformed')
  return parsed.data
}
