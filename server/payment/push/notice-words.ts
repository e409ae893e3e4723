import { brandNames } from '../../../shared/brand-names.ts'
import { formatMoney } from '../../../shared/money-text.ts'
import type { Notice, NoticedPayment } from './notice-store.ts'

type Said = { readonly title: string; readonly body: string }
type PaymentKind = 'set-aside' | 'paid' | 'given-back' | 'declined' | 'undone'
type Amounts = {
  readonly whole: string
  readonly captured: string
  readonly refunded: string
  readonly isPart: boolean
}

type NoticeWords = {
  readonly payment: Readonly<Record<PaymentKind, (amounts: Amounts) => string>>
  readonly name: Readonly<Record<Exclude<Notice['kind'], PaymentKind>, Said>>
}

const en: NoticeWords = {
  payment: {
    'set-aside': ({ whole }) => `${whole} set aside`,
    paid: ({ whole, captured, isPart }) => (isPart ? `${captured} of ${whole} paid` : `${captured} paid`),
    'given-back': ({ captured, refunded, isPart }) =>
      isPart ? `${refunded} of ${captured} given back` : `${refunded} given back`,
    declined: ({ whole }) => `${whole} not paid`,
    undone: ({ whole }) => `${whole} undone`,
  },
  name: {
    'passkey-added': {
      title: 'A passkey was added to your name',
      body: 'If it was not you, open the wallet and remove it.',
    },
    'passkey-removed': {
      title: 'A passkey was removed from your name',
      body: 'It signs in and pays no more. If it was not you, open the wallet.',
    },
    'loss-reported': {
      title: 'All your cards are frozen',
      body: 'Somebody who has your recovery code reported a lost phone. A passkey lets a card pay again.',
    },
    'name-recovered': {
      title: 'Your name was got back by its recovery code',
      body: 'If it was not you, open the wallet: for 72 hours a passkey of before undoes it.',
    },
  },
}

const zh: NoticeWords = {
  payment: {
    'set-aside': ({ whole }) => `已预留 ${whole}`,
    paid: ({ whole, captured, isPart }) => (isPart ? `已付 ${captured}（共 ${whole}）` : `已付 ${captured}`),
    'given-back': ({ captured, refunded, isPart }) =>
      isPart ? `已退款 ${refunded}（共 ${captured}）` : `已退款 ${refunded}`,
    declined: ({ whole }) => `${whole} 没有付成`,
    undone: ({ whole }) => `已撤销 ${whole}`,
  },
  name: {
    'passkey-added': { title: '您的名字新增了一个通行密钥', body: '如果不是您本人操作，请打开钱包将其移除。' },
    'passkey-removed': {
      title: '您的名字移除了一个通行密钥',
      body: '它不能再登录或付款。如果不是您本人操作，请打开钱包。',
    },
    'loss-reported': { title: '您的卡已全部冻结', body: '有人凭您的恢复码挂失了手机。用通行密钥即可解冻。' },
    'name-recovered': {
      title: '您的名字已凭恢复码找回',
      body: '如果不是您本人操作，请打开钱包：72 小时内可用以前的通行密钥撤销。',
    },
  },
}

/** What a browser shows, in the language it was subscribed in. Of a card it says what merchants see: brand and last four digits. @param locale BCP 47 */
export function noticeText(kind: Notice['kind'], payment: NoticedPayment | null, locale: string): Said {
  const words = new Intl.Locale(locale).language === 'zh' ? zh : en
  if (!isOfPayment(kind)) return words.name[kind]
  if (payment === null) throw new Error('news of a payment that there is not')
  const { payee, card } = payment
  const face = card.last4 === '' ? brandNames[card.brand] : `${brandNames[card.brand]} •••• ${card.last4}`
  return { title: words.payment[kind](amountsOf(kind, payment, locale)), body: `${payee} · ${face.trim()}` }
}

const isOfPayment = (kind: Notice['kind']): kind is PaymentKind => Object.hasOwn(en.payment, kind)

function amountsOf(kind: PaymentKind, payment: NoticedPayment, locale: string): Amounts {
  const { amount, capturedMinor, refundedMinor } = payment
  const text = (minor: number) => formatMoney({ minor, currency: amount.currency }, locale)
  return {
    whole: text(amount.minor),
    captured: text(capturedMinor),
    refunded: text(refundedMinor),
    isPart: kind === 'given-back' ? refundedMinor < capturedMinor : capturedMinor < amount.minor,
  }
}
