/**
 * A sentence whose names are kept apart from the words around them: a name in another script then cannot reorder
 * the sentence, or the amount in it (Unicode UAX #9 §2.4, isolates).
 */
export type Phrase = readonly (string | { readonly isolate: string })[]

export const phrase = (strings: TemplateStringsArray, ...isolates: readonly string[]): Phrase =>
  strings.flatMap((text, index) => {
    const isolate = isolates[index]
    return isolate === undefined ? [text] : [text, { isolate }]
  })

const firstStrongIsolate = '\u2068'
const popDirectionalIsolate = '\u2069'

/** For places that take no markup: a title, a share sheet. */
export const textOf = (sentence: Phrase): string =>
  sentence
    .map((part) => (typeof part === 'string' ? part : `${firstStrongIsolate}${part.isolate}${popDirectionalIsolate}`))
    .join('')
