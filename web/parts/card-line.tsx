import { brandNames } from '../../shared/brand-names.ts'
import type { CardBrand, CardFace } from '../../shared/card.ts'
import { useFirstSpeech } from './language-context.ts'

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

type CardName = (face: CardFace, nickname?: string | null, isFrozen?: boolean) => string

/** A card in words, for who does not see it. */
export function useCardName(): CardName {
  const { words } = useFirstSpeech()
  return ({ brand, last4 }, nickname = null, isFrozen = false) =>
    [nickname, words.card.endsIn(brandNames[brand] || words.card.unknownBrand, last4), isFrozen && words.card.frozen]
      .filter((part) => part)
      .join(', ')
}

type CardLineProps = {
  readonly face: CardFace
  readonly nickname?: string | null | undefined
  readonly isFrozen?: boolean | undefined
}

/** One line: the mark, the last digits, and what else its owner knows of it. */
export function CardLine({ face, nickname = null, isFrozen = false }: CardLineProps) {
  const { words } = useFirstSpeech()
  const cardName = useCardName()
  return (
    <span class="card-line">
      <BrandMark brand={face.brand} />
      <span class="sr">{cardName(face, nickname, isFrozen)}</span>
      <span aria-hidden="true" dir="ltr">
        •••• {face.last4}
      </span>
      {nickname && (
        <bdi class="nickname" aria-hidden="true">
          {nickname}
        </bdi>
      )}
      {isFrozen && (
        <span class="state" aria-hidden="true">
          {words.card.frozen}
        </span>
      )}
    </span>
  )
}
