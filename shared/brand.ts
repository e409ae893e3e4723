declare const brand: unique symbol
/** A `T` that only its own constructor can make: `Brand<string, 'Username'>` is not just any string. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
