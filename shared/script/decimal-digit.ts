const decimalDigit = /^\p{Nd}$/u
const decimalDigits = /\p{Nd}/gu

/** The same text with every script's decimal digits (`Nd`) written as `0` to `9`. */
export const withAsciiDigits = (text: string): string =>
  text.replace(decimalDigits, (character) => String(digitValueOf(codePointOf(character))))

/** Whether digits of more than one script's row stand side by side: `2٢` (UTS #39 §5.3). */
export function mixesDigits(text: string): boolean {
  const zeros = (text.match(decimalDigits) ?? []).map(codePointOf).map((digit) => digit - digitValueOf(digit))
  return new Set(zeros).size > 1
}

const codePointOf = (character: string): number => character.codePointAt(0) ?? 0

/** Unicode keeps a script's digits 0 to 9 in one row (Core Specification §4.6), and rows that touch are whole rows. */
function digitValueOf(digit: number): number {
  let firstOfRow = digit
  while (decimalDigit.test(String.fromCodePoint(firstOfRow - 1))) firstOfRow -= 1
  return (digit - firstOfRow) % 10
}
