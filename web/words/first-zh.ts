import type { FirstWords } from './first-en.ts'
import { phrase } from './phrase.ts'

export const firstZh: FirstWords = {
  skip: '跳到正文',
  loading: '正在载入',
  broken: { what: '本页没有完整显示。', next: '不会重复付款。重新载入就能看到现在的情况。' },
  reload: '重新载入本页',
  card: {
    endsIn: (brand, last4) => `${brand} 尾号 ${last4}`,
    frozen: '已冻结',
    unknownBrand: '银行卡',
  },
  pay: {
    title: (payee) => phrase`付款给 ${payee}`,
    bill: '账单',
    reference: (reference) => phrase`订单 ${reference}`,
    openFor: (left) => phrase`剩余 ${left}`,
    openUntil: (time) => phrase`有效至 ${time}`,
    as: '付款人',
    name: '您的名字',
    nameHint: '您在 Moniker 取的名字。它不是秘密。',
    button: (payee, amount) => phrase`付给 ${payee} ${amount}`,
    touch: '用指纹、面容或锁屏密码确认。',
    card: '卡',
    change: '更换名字',
    newHere: '第一次来？',
    makeName: '取一个名字',
    anotherCard: '添加另一张卡',
    usePhone: '用手机付款',
    cancel: '取消并返回商店',
    preparing: '请稍候',
    signing: '等待通行密钥',
    sending: '正在询问银行',
    canceling: '正在取消',
    lines: (count) => `明细：共 ${count} 项`,
  },
}
