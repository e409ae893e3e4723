/** Only who it belongs to may save it; or something else was in the way, and it may be tried again. */
export type SaveOutcome = 'saved' | 'refused' | 'failed'

/**
 * Fetches a file, and hands it to the browser to keep. Not a plain link: where there is none to be had, a link would save the server's
 * refusal under the name of the file.
 */
export async function saveFile(path: string, name: string): Promise<SaveOutcome> {
  const response = await fetch(path, { cache: 'no-store' }).catch(() => null)
  if (response === null) return 'failed'
  if (!response.ok) return response.status === 401 || response.status === 404 ? 'refused' : 'failed'
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), keptMs)
  return 'saved'
}

/** A browser may ask where to put the file before it reads it. */
const keptMs = 60_000
