import type { z } from 'zod'
import { Problem } from '../../shared/problem.ts'
import { readText } from '../runtime/read-body.ts'

/**
 * Reads what a form of ours posts.
 * @throws {Problem} `content-type-unsupported`, `body-malformed`
 */
export async function readForm<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  const text = await readText(request, 'application/x-www-form-urlencoded')
  const form = schema.safeParse(Object.fromEntries(new URLSearchParams(text)))
  if (!form.success) throw new Problem('body-malformed')
  return form.data
}
