/** The first letter of a name on a colour of its own, so that a name is known at a glance. */
export function Avatar({ name }: { name: string }) {
  const [initial] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name)
  return (
    <span class="avatar" aria-hidden="true" style={{ '--hue': String(hueOf(name)) }}>
      {initial?.segment.toLocaleUpperCase()}
    </span>
  )
}

const hueOf = (name: string): number =>
  [...name].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 360, 7)
