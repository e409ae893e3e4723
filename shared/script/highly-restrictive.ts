// UAX #31 Table 5, Unicode 17: scripts in customary modern use.
const recommendedScripts = (
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew ' +
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ')

// UTS #39 §5.2, Highly Restrictive: one script, or Latin beside the scripts of one East Asian language.
const companies = [
  ...recommendedScripts.map((script) => [script]),
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]

/** Characters that many scripts share, like `ー`, count for each of them (UAX #24 §5.1). */
const written = (scripts: readonly string[]): RegExp =>
  new RegExp(`^[${[...scripts, 'Common', 'Inherited'].map((script) => `\\p{scx=${script}}`).join('')}]*$`, 'u')

const inRecommendedScripts = written(recommendedScripts)
const inOneCompany = companies.map(written)

export const usesRecommendedScripts = (text: string): boolean => inRecommendedScripts.test(text)

/** UTS #39 §5.2 */
export const isHighlyRestrictive = (text: string): boolean => inOneCompany.some((company) => company.test(text))
