/** One thing changed in a message, wherever the message stands by then. */
export type Mutation = {
  readonly what: string
  /** @returns null where the message would stay as it is */
  apply(message: string): Uint8Array | null
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const utf8 = (text: string): Uint8Array => Buffer.from(text)

const bitsByDefault = Number(process.env.MUTATION_BITS ?? 2)

/**
 * Every byte in turn: each of its bits flipped, and the letter after it in the base64url alphabet put in its place, so that what was
 * encoded stays well-formed.
 * @param lengthMax of the message in bytes; a shorter one has fewer mutants
 * @param bits how many of a byte's bits are flipped: these, and with the next byte the next ones. All with `MUTATION_BITS=8`.
 */
export function* everyByte(lengthMax: number, bits = bitsByDefault): Generator<Mutation> {
  for (let index = 0; index < lengthMax; index += 1) {
    for (let nth = 0; nth < bits; nth += 1) {
      const bit = (index * bits + nth) % 8
      yield changedByte(index, `bit ${bit} flipped`, (byte) => byte ^ (1 << bit))
    }
    yield changedByte(index, 'the next letter', nextLetter)
  }
}

function nextLetter(byte: number): number {
  const place = alphabet.indexOf(String.fromCharCode(byte))
  return place < 0 ? byte : alphabet.charCodeAt((place + 1) % alphabet.length)
}

const changedByte = (index: number, how: string, change: (byte: number) => number): Mutation => ({
  what: `byte ${index} ${how}`,
  apply(message) {
    const bytes = utf8(message)
    const byte = bytes[index]
    if (byte === undefined || change(byte) === byte) return null
    bytes[index] = change(byte)
    return bytes
  },
})

type Member = [key: string, value: unknown]
type Edit = (members: readonly Member[], index: number) => readonly Member[]
/** Enough of every type there is in JSON. */
const strangers: readonly unknown[] = [null, true, 0, -1, 0.5, '', 'x', [], {}]

/** What can be done to a member of an object. */
const edits: readonly [string, Edit][] = [
  ['removed', (members, index) => members.toSpliced(index, 1)],
  [
    'said twice',
    (members, index) =>
      spliced(members, index, ([key, value]) => [
        [key, value],
        [key, value],
      ]),
  ],
  [
    'said before as something else',
    (members, index) => spliced(members, index, (member) => [anotherOf(member), member]),
  ],
  [
    'said after as something else',
    (members, index) => spliced(members, index, (member) => [member, anotherOf(member)]),
  ],
  ['renamed', (members, index) => spliced(members, index, ([key, value]) => [[`${key}_`, value]])],
  ['renamed by case', (members, index) => spliced(members, index, ([key, value]) => [[key.toUpperCase(), value]])],
  ['with its neighbour’s value', swappedWithNext],
  ['as another text', (members, index) => spliced(members, index, ([key, value]) => [[key, textOf(value)]])],
  ['in an array', (members, index) => spliced(members, index, ([key, value]) => [[key, [value]]])],
  ['with a stranger beside it', (members, index) => spliced(members, index, (member) => [member, ['stranger', 1]])],
  ...strangers.map((stranger): [string, Edit] => [
    `as ${JSON.stringify(stranger)}`,
    (members, index) => spliced(members, index, ([key]) => [[key, stranger]]),
  ]),
]

function spliced(members: readonly Member[], index: number, change: (member: Member) => Member[]): readonly Member[] {
  const member = members[index]
  return member === undefined ? members : members.toSpliced(index, 1, ...change(member))
}

function swappedWithNext(members: readonly Member[], index: number): readonly Member[] {
  const [member, next] = [members[index], members[(index + 1) % members.length]]
  if (member === undefined || next === undefined) return members
  const values = new Map([
    [member[0], next[1]],
    [next[0], member[1]],
  ])
  return members.map(([key, value]) => [key, values.get(key) ?? value])
}

const textOf = (value: unknown): string => (typeof value === 'string' ? `${value}x` : JSON.stringify(value))
const anotherOf = ([key, value]: Member): Member => [key, typeof value === 'number' ? value + 1 : textOf(value)]

/**
 * Every member, however deep, and everything that can be done to it.
 * @param example a message, as JSON; the others must have the same members
 */
export function* everyMember(example: string): Generator<Mutation> {
  for (const path of pathsIn(JSON.parse(example), [])) {
    for (const [how, edit] of edits) yield changedMember(path, how, edit)
  }
}

const changedMember = (path: readonly string[], how: string, edit: Edit): Mutation => ({
  what: `${path.join('.')} ${how}`,
  apply(message) {
    const changed = written(JSON.parse(message), path, edit)
    return changed === message ? null : utf8(changed)
  },
})

function pathsIn(value: unknown, path: readonly string[]): string[][] {
  return membersOf(value).flatMap(([key, member]) => [[...path, key], ...pathsIn(member, [...path, key])])
}

const membersOf = (value: unknown): Member[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

/** `JSON.stringify`, but for an object that may have a member twice. */
function written(value: unknown, path: readonly string[], edit: Edit): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const [key, ...rest] = path
  const members = membersOf(value)
  const index = members.findIndex(([name]) => name === key)
  const shown = index >= 0 && rest.length === 0 ? edit(members, index) : members
  const texts = shown.map(([name, member]) => {
    const inside = index >= 0 && rest.length > 0 && name === key ? rest : []
    return `${JSON.stringify(name)}:${written(member, inside, edit)}`
  })
  return `{${texts.join(',')}}`
}

/** What became of the mutants of one message. */
export function mutantCount(message: string) {
  let tried = 0
  const accepted: string[] = []
  return {
    accepted,
    tried: () => tried,
    /** @param outcome what became of it, as the room says it */
    note({ what }: Mutation, isAccepted: boolean, outcome = ''): void {
      tried += 1
      if (isAccepted) accepted.push(`${what}: ${outcome}`)
    },
    say: (): void => console.log(`mutants of ${message}: tried ${tried}, accepted ${accepted.length}`),
  }
}
