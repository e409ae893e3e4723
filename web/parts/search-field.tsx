import { useId } from 'preact/hooks'

type SearchFieldProps = { readonly label: string; readonly value: string; readonly onType: (text: string) => void }

/** What somebody types to find something; its label is its placeholder, and is read aloud. */
export function SearchField({ label, value, onType }: SearchFieldProps) {
  const id = useId()
  return (
    <>
      <label class="sr" for={id}>
        {label}
      </label>
      <input
        id={id}
        type="search"
        placeholder={label}
        value={value}
        maxLength={80}
        dir="auto"
        autoComplete="off"
        enterKeyHint="search"
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </>
  )
}
