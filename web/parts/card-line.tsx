import { brandNames } from '../../shared/brand-names.ts'
import type { CardBrand, CardFace } from '../../shared/card.ts'
import { useSpeech } from './language-context.ts'

const shortNames: Record<CardBrand, string> = {
  ...brandNames,
  mastercard: 'MC',
  amex: 'Amex',
  diners: 'Diners',
  unionpay: 'UP',
}

export const BrandMark = ({ brand }: { brand: CardBrand }) => (
  <span class={`brand ${brand}`} aria-hidden="true">
    {shortNames[brand]}
  </span>
)

export function useCardName(): (face: CardFace) => string {
  const { words } = useSpeech()
  return ({ brand, last4 }) => words.card.endsIn(brandNames[brand] || words.card.unknownBrand, last4)
}

/** One line: the mark and the last digits. */
export function CardLine({ face }: { face: CardFace }) {
  const cardName = useCardName()
  return (
    <span class="card-line">
      <BrandMark brand={face.brand} />
      <span class="sr">{cardName(face)}</span>
      <span aria-hidden="true" dir="ltr">
        •••• {face.last4}
      </span>
    </span>
  )
}
