import { brandNames } from '../../shared/brand-names.ts'
import type { CardFace } from '../../shared/card.ts'
import { useCardName } from './card-line.tsx'
import { useSpeech } from './language-context.ts'

type CardPictureProps = {
  readonly face: CardFace
  readonly holder: string
  readonly nickname?: string | null
  /** How it stands, in a word. */
  readonly tag?: string | null
  readonly isFrozen?: boolean
}

export function CardPicture({ face, holder, nickname = null, tag = null, isFrozen = false }: CardPictureProps) {
  const { words } = useSpeech()
  const cardName = useCardName()
  return (
    <div class={`card-picture ${face.brand}${isFrozen ? ' frozen' : ''}`}>
      <span class="sr">{[nickname, cardName(face), tag].filter((part) => part !== null).join(', ')}</span>
      <span class="top" aria-hidden="true">
        <span class="word">{brandNames[face.brand] || words.card.unknownBrand}</span>
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
      <bdi class="holder" aria-hidden="true">
        {holder}
      </bdi>
    </div>
  )
}
