/**
 * An address as it may be shown: who comes, by which password, stands before the last `@`, and may stand after a `?`.
 * @param text perhaps no address at all; a `sqlite:` path holds no password
 */
export function shownAddress(text: string): string {
  if (text.startsWith('sqlite:')) return text
  return text.replace(/^([a-z][a-z0-9+.-]*:(?:\/\/)?)?.*@/is, '$1…@').replace(/\?.*$/s, '')
}
