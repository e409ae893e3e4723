import { Fragment } from 'preact'
import type { Phrase } from '../words/phrase.ts'

/** A phrase, with every name in it isolated from the direction of the words around it. */
export const Say = ({ phrase }: { phrase: Phrase }) => (
  <>
    {phrase.map((part, index) => (
      <Fragment key={index}>{typeof part === 'string' ? part : <bdi>{part.isolate}</bdi>}</Fragment>
    ))}
  </>
)
