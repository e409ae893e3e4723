// Of the recommended scripts these three run from right to left: their letters are R or AL (UAX #9 Table 4).
const rightToLeft = String.raw`[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Thaana}]`
const letter = String.raw`(?:(?=\p{L})${rightToLeft}|[\u05F3\u05F4])`

const hasRightToLeft = new RegExp(String.raw`${letter}|[\u0660-\u0669]`, 'u')
const startsAndEndsWell = new RegExp(String.raw`^${letter}(?:.*(?:${letter}|\p{Nd}))?\p{Mn}*$`, 'u')

/**
 * RFC 5893 §2 for text of one script and one row of digits, which settles its conditions 2 and 4: a name with a letter
 * or digit of a right-to-left script starts with such a letter (1), and ends with one or with a digit (3), so that what
 * stands around it cannot change places with it.
 */
export const obeysBidiRule = (text: string): boolean => !hasRightToLeft.test(text) || startsAndEndsWell.test(text)
