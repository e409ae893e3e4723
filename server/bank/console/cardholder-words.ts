import type { Language } from '../../runtime/accepted-language.ts'

type Ending = readonly [title: string, sentence: string]

/** What the bank asks cardholders on its own pages. */
export type CardholderWords = {
  readonly card: string
  readonly where: string
  readonly when: string
  readonly yes: string
  readonly no: string
  readonly confirmation: {
    readonly title: string
    readonly lead: string
    readonly passkey: string
    readonly until: string
    readonly endings: Readonly<Record<'confirmed' | 'denied' | 'expired' | 'unknown', Ending>>
  }
  readonly recovery: {
    readonly title: string
    readonly lead: string
    readonly passkey: string
    readonly onlyIf: string
    readonly wrong: string
    readonly number: string
    readonly expiry: string
    readonly code: string
    readonly until: string
    readonly endings: Readonly<Record<'confirmed' | 'denied' | 'lapsed' | 'unknown', Ending>>
  }
}

const en: CardholderWords = {
  card: 'Card',
  where: 'Where',
  when: 'When',
  yes: 'Yes, it was me',
  no: 'No, stop it',
  confirmation: {
    title: 'Was it you?',
    lead: 'Somebody has added your card, to pay with a name and a passkey.',
    passkey: 'Passkey',
    until: 'Until you say yes, the card pays nothing there. This link works once.',
    endings: {
      confirmed: ['Your card is ready', 'You said yes. The card pays from now on.'],
      denied: ['Nothing was added', 'You said that it was not you. This card will not pay there.'],
      expired: ['This link has expired', 'Nothing was added. Add the card again to get a new link.'],
      unknown: ['This link leads nowhere', 'Nothing was added. Open the link again as you got it.'],
    },
  },
  recovery: {
    title: 'Does a new passkey take over your card?',
    lead: 'Somebody says that every passkey of this card is lost. If you say yes, a new passkey takes over this card, and the old ones lose it.',
    passkey: 'New passkey',
    onlyIf: 'Say yes only if your own device shows you the same new passkey. Show us that you have the card:',
    wrong: 'This is not what is on the card. Nothing was changed; look again.',
    number: 'Card number',
    expiry: 'Valid until, MM/YY',
    code: 'Code on the card',
    until: 'Until you say yes, nothing changes. This link works once.',
    endings: {
      confirmed: [
        'The new passkey has your card',
        'You said yes. The passkeys of before pay nothing with it any more.',
      ],
      denied: ['Nothing was changed', 'You said that it was not you. Your card stays with the passkeys it had.'],
      lapsed: [
        'This link is over',
        'Nothing was changed by it. Begin again where you lost your passkeys to get a new link.',
      ],
      unknown: ['This link leads nowhere', 'Nothing was changed. Open the link again as you got it.'],
    },
  },
}

const zh: CardholderWords = {
  card: '银行卡',
  where: '网站',
  when: '时间',
  yes: '是，是我本人',
  no: '不是，请停止',
  confirmation: {
    title: '是您本人吗？',
    lead: '有人添加了您的卡，想用名字和通行密钥付款。',
    passkey: '通行密钥',
    until: '在您确认之前，这张卡在那里不能付款。此链接只能使用一次。',
    endings: {
      confirmed: ['您的卡可以用了', '您已确认。这张卡从现在起可以付款。'],
      denied: ['什么都没有添加', '您说不是您本人。这张卡不会在那里付款。'],
      expired: ['此链接已过期', '什么都没有添加。请重新添加这张卡，以获取新的链接。'],
      unknown: ['此链接无效', '什么都没有添加。请按收到的样子重新打开链接。'],
    },
  },
  recovery: {
    title: '要让新的通行密钥接管您的卡吗？',
    lead: '有人说这张卡的所有通行密钥都丢了。如果您确认，新的通行密钥将接管这张卡，旧的不能再用它付款。',
    passkey: '新的通行密钥',
    onlyIf: '只有当您自己的设备显示同一个新通行密钥时，才请确认。请证明卡在您手中：',
    wrong: '这与卡上的信息不符。什么都没有改变，请再看一看。',
    number: '卡号',
    expiry: '有效期（月/年）',
    code: '卡上的安全码',
    until: '在您确认之前，什么都不会改变。此链接只能使用一次。',
    endings: {
      confirmed: ['新的通行密钥已接管您的卡', '您已确认。以前的通行密钥不能再用它付款。'],
      denied: ['什么都没有改变', '您说不是您本人。您的卡仍由原来的通行密钥使用。'],
      lapsed: ['此链接已失效', '什么都没有改变。请在您丢失通行密钥的地方重新开始，以获取新的链接。'],
      unknown: ['此链接无效', '什么都没有改变。请按收到的样子重新打开链接。'],
    },
  },
}

export const cardholderWords: Readonly<Record<Language, CardholderWords>> = { en, zh }
