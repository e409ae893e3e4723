import { type Phrase, textOf } from '../../../web/words/phrase.ts'

/** As it reads: what isolates a name in it is for the eye as well. */
export const plain = (phrase: Phrase): string => textOf(phrase).replaceAll(/[\u2066-\u2069]/g, '')
