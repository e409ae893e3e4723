/**
 * JSON with one meaning. Where a member is named twice, one reader takes the first and another the last, so that what was
 * checked need not be what is acted on (RFC 7493 §2.3).
 * @throws {SyntaxError}
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // What reads back as it was written cannot have named anything twice, and that is how most programs write.
  if (JSON.stringify(value) !== text && namesAnythingTwice(text)) throw new SyntaxError('a member is named twice')
  return value
}

/** A string, with its colon where it names a member, or a bracket: all that tells where members are. */
const landmarks = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g

/** @param json known to be JSON; an array needs no place of its own, since it names nothing */
function namesAnythingTwice(json: string): boolean {
  const around: Set<string>[] = []
  for (const [token, text, colon] of json.matchAll(landmarks)) {
    if (token === '{') around.push(new Set())
    else if (token === '}') around.pop()
    else if (text !== undefined && colon !== undefined) {
      const name = String(JSON.parse(text)) // the same name can be spelled with escapes
      const names = around.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    }
  }
  return false
}
