import { type Language, languages } from '../words/language.ts'
import { useFirstSpeech } from './language-context.ts'
import { Mark } from './mark.tsx'

/** In a checkout nothing leads away but the way back to the shop, so the mark is no link there. */
export function Masthead({ isCheckout }: { isCheckout: boolean }) {
  const { words } = useFirstSpeech()
  const wordmark = (
    <>
      <Mark />
      <span>Moniker</span>
    </>
  )
  return (
    <header class="masthead">
      <a class="skip" href="#content">
        {words.skip}
      </a>
      {isCheckout ? (
        <span class="wordmark">{wordmark}</span>
      ) : (
        <a class="wordmark" href="/">
          {wordmark}
        </a>
      )}
      <LanguageSwitch />
    </header>
  )
}

function LanguageSwitch() {
  const { language, speak } = useFirstSpeech()
  const others = Object.entries(languages).filter(([tag]) => tag !== language)
  return (
    <nav class="languages">
      {others.map(([tag, name]) => (
        <button key={tag} type="button" class="language" lang={tag} onClick={() => speak(languageOf(tag))}>
          {name}
        </button>
      ))}
    </nav>
  )
}

const languageOf = (tag: string): Language => (tag === 'zh' ? 'zh' : 'en')
