import type { NoticeCode } from '../flows/notice.ts'
import { Button } from '../parts/button.tsx'
import { useSpeech } from '../parts/language-context.ts'
import { Notice } from '../parts/notice.tsx'

export function Unreadable({ notice, again }: { notice: NoticeCode; again: () => void }) {
  const { words } = useSpeech()
  return (
    <Notice tone="stop" title={words.pay.unreadable} advice={words.notices[notice]}>
      <Button kind="quiet" onPress={again}>
        {words.pay.again}
      </Button>
    </Notice>
  )
}
