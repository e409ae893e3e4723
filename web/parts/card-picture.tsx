import { brandNames } from '../../shared/brand-names.ts'
import type { CardFace } from '../../shared/card.ts'
import { useCardName } from './card-line.tsx'
import { useSpeech } from './language-context.ts'

type CardPictureProps = {
  readonly face: CardFace
  /** The name of the bank that it is of. */
  readonly bank: string
  readonly holder: string
  readonly nickname?: string | null
  /** How it stands, in a word. */
  readonly tag?: string | null
  readonly isFrozen?: boolean
}

export function CardPicture({ face, bank, holder, nickname = null, tag = null, isFrozen = false }: CardPictureProps) {
  const { words } = useSpeech()
  const cardName = useCardName()
  return (
    <div class={`card-picture ${face.brand}${isFrozen ? ' frozen' : ''}`}>
      <span class="sr">{[nickname, cardName(face), bank, tag].filter((part) => part !== null).join(', ')}</span>
      <span class="top" aria-hidden="true">
        <bdi class="bank">{bank}</bdi>
        {tag && <span class="pill">{tag}</span>}
      </span>
      {nickname && (
        <bdi class="nickname" aria-hidden="true">
          {nickname}
        </bdi>
      )}
      <span class="number" aria-hidden="true" dir="ltr">
        •••• •••• •••• {face.last4}
      </span>
      <span class="foot" aria-hidden="true">
        <bdi class="holder">{holder}</bdi>
        <span class="word">{brandNames[face.brand] || words.card.unknownBrand}</span>
      </span>
    </div>
  )
}
