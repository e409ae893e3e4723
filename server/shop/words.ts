import type { Payment } from '../../shared/sdk/index.ts'

export type Language = 'en' | 'zh'
/** What an order's page can say. */
export type Standing =
  | 'paid'
  | 'waiting'
  | 'deciding'
  | 'declined'
  | 'canceled'
  | 'expired'
  | 'returned'
  | 'unreachable'
export type Note = 'missing' | 'broken' | 'refused'

type Label =
  | 'tagline'
  | 'order'
  | 'quantity'
  | 'add'
  | 'basket'
  | 'more'
  | 'less'
  | 'total'
  | 'another'
  | 'pay'
  | 'again'
  | 'ticket'
  | 'here'
  | 'phone'
  | 'code'
  | 'link'
  | 'otherReason'
type Page = readonly [title: string, explanation: string]
type Words = Readonly<Record<Label, string> & Record<Standing | Note, Page>> & {
  readonly reasons: Readonly<Record<string, string>>
}

const english: Words = {
  tagline: 'Small-batch coffee. Pay with your name.',
  order: 'Order',
  quantity: 'How many',
  add: 'Add',
  basket: 'Your basket',
  more: 'One more',
  less: 'One less',
  total: 'Total',
  another: 'Order something else',
  paid: ['Paid. Thank you!', 'We are making it now. Show this page at the counter.'],
  waiting: ['Not paid yet', 'Your order is kept. Pay for it whenever you are ready.'],
  deciding: ['Asking the bank', 'This page looks again by itself. You will not be charged twice.'],
  declined: ['The payment was declined', 'Nothing was charged, and your order is kept.'],
  canceled: ['The payment was canceled', 'Nothing was charged, and your order is kept.'],
  expired: ['The bill has expired', 'Nothing was charged. You can ask for a new one.'],
  returned: ['The money was returned', 'This order is closed.'],
  unreachable: ['We cannot reach the till', 'Your order is kept and nothing is lost. Try again in a moment.'],
  missing: ['There is nothing here', 'Perhaps the address was cut short.'],
  broken: ['Something went wrong', 'It was our side. Nothing was charged by this page.'],
  refused: ['That order could not be read', 'Please choose a drink again.'],
  pay: 'Pay with Moniker',
  again: 'Try again',
  ticket: 'Your ticket',
  here: 'Pay with this browser',
  phone: 'Pay on your phone',
  code: 'A code that leads your phone to the bill',
  link: 'Scan the code, or send the link to who pays:',
  reasons: {
    'insufficient-funds': 'The account does not have enough money.',
    'expired-card': 'The card has expired.',
    'lost-card': 'The card was reported lost.',
    'stolen-card': 'The card was reported stolen.',
    'card-frozen': 'The card is frozen.',
    'limit-exceeded': 'It is more than the limit of the card.',
    'too-many-failures': 'There were too many failed attempts.',
  },
  otherReason: 'The bank gave no reason that we may repeat.',
}

const chinese: Words = {
  tagline: '小批量烘焙咖啡，用名字付款。',
  order: '下单',
  quantity: '数量',
  add: '加入',
  basket: '购物篮',
  more: '多一份',
  less: '少一份',
  total: '合计',
  another: '再点一份',
  paid: ['已付款，谢谢！', '正在为您制作。请在柜台出示本页。'],
  waiting: ['尚未付款', '订单已保留，您可以随时付款。'],
  deciding: ['正在询问银行', '本页会自动刷新。您不会被重复扣款。'],
  declined: ['付款被拒绝', '没有扣款，订单已保留。'],
  canceled: ['付款已取消', '没有扣款，订单已保留。'],
  expired: ['账单已过期', '没有扣款。您可以重新生成账单。'],
  returned: ['款项已退回', '此订单已关闭。'],
  unreachable: ['暂时无法连接收银台', '订单已保留，没有任何损失。请稍后再试。'],
  missing: ['这里什么也没有', '也许地址不完整。'],
  broken: ['出了点问题', '是我们这边的问题。本页没有扣款。'],
  refused: ['无法读取此订单', '请重新选择饮品。'],
  pay: '用 Moniker 付款',
  again: '再试一次',
  ticket: '取餐号',
  here: '用此浏览器付款',
  phone: '用手机付款',
  code: '让手机打开账单的二维码',
  link: '请扫码，或把链接发给付款的人：',
  reasons: {
    'insufficient-funds': '账户余额不足。',
    'expired-card': '卡已过期。',
    'lost-card': '卡已挂失。',
    'stolen-card': '卡已报失窃。',
    'card-frozen': '卡已冻结。',
    'limit-exceeded': '超出卡的限额。',
    'too-many-failures': '失败次数过多。',
  },
  otherReason: '银行没有给出可转述的原因。',
}

export const words: Readonly<Record<Language, Words>> = { en: english, zh: chinese }

/** The first of the reader's languages that we speak (RFC 9110 §12.5.4, whose order browsers write). */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .toLowerCase()
    .split(',')
    .map((tag) => tag.trim().slice(0, 2))
  return wanted.find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}

export const declineReason = ({ decline }: Payment, language: Language): string =>
  words[language].reasons[decline?.reason ?? ''] ?? words[language].otherReason
