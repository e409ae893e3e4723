import { isCanonicalBase64url } from '../bytes.ts'

/**
 * Strict decoders, by hand: a page that checks a receipt need not load a validator for it.
 * A decoder returns what it was given, or throws a RangeError; nothing is converted, and nothing unknown is let through.
 */
export type Decode<T> = (value: unknown) => T

export const literal =
  <const T extends string | number>(...allowed: readonly T[]): Decode<T> =>
  (value) => {
    const found = allowed.find((candidate) => candidate === value)
    return found ?? refuse(`one of ${allowed.join(', ')}`)
  }

export const integer =
  (min: number): Decode<number> =>
  (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min ? value : refuse('an integer in range')

/** Well-formed, neither empty nor too long. */
export const text =
  (charactersMax: number): Decode<string> =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= charactersMax && value.isWellFormed()
      ? value
      : refuse('a text')

export const matching =
  (pattern: RegExp): Decode<string> =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(String(pattern))

export const base64urlText =
  (charactersMax: number): Decode<string> =>
  (value) => {
    const encoded = text(charactersMax)(value)
    return isCanonicalBase64url(encoded) ? encoded : refuse('canonical base64url')
  }

const sha256Characters = 43
export const sha256Text: Decode<string> = (value) => {
  const encoded = base64urlText(sha256Characters)(value)
  return encoded.length === sha256Characters ? encoded : refuse('a SHA-256')
}

type Shape = Readonly<Record<string, Decode<unknown>>>
export type Decoded<S extends Shape> = { readonly [Name in keyof S]: ReturnType<S[Name]> }

/** An object of exactly these members. */
export const object =
  <S extends Shape>(shape: S): Decode<Decoded<S>> =>
  (value) => {
    if (!isObject(value)) return refuse('an object')
    const names = Object.keys(shape)
    if (Object.keys(value).length !== names.length) return refuse(`an object of ${names.join(', ')} alone`)
    const members = Object.entries(shape).map(([name, decode]) => {
      if (!Object.hasOwn(value, name)) return refuse(`an object with ${name}`)
      return [name, decode(Reflect.get(value, name))]
    })
    return Object.fromEntries(members) as Decoded<S> // the only cast to it: each member is what its own decoder returned
  }

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function refuse(what: string): never {
  throw new RangeError(`not ${what}`)
}
