import type { PhoneWords } from './phone-en.ts'
import { phrase } from './phrase.ts'

export const phoneZh: PhoneWords = {
  intro: {
    title: '用手机付款',
    nowhere: '这个浏览器不支持通行密钥，但您的手机支持：用手机相机扫码，在手机上付款。',
    doubtful: '您正在应用内置的浏览器中，它往往无法使用通行密钥。请用手机扫码，或在 Safari 或 Chrome 中打开链接。',
    begin: '显示二维码',
  },
  beginning: '正在生成二维码',
  shown: {
    title: '用手机扫描',
    code: '供手机相机扫描的链接',
    number: '然后在手机上输入这个数字',
    copy: '复制链接',
    copied: '已复制',
    left: (time) => phrase`还有 ${time} 有效，仅限一部手机。`,
  },
  matched: {
    title: '请看您的手机',
    lead: '请在手机上用通行密钥付款，本页会自动继续。',
    declined: '银行拒绝了。您可以在手机上换一张卡再试。',
  },
  ended: {
    refused: { title: '输入的数字不对', more: '为防止有人猜测，这个二维码已作废。没有扣款。' },
    over: { title: '二维码已过期', more: '没有扣款。重新生成只需片刻。' },
    'too-many': { title: '这张账单不能再生成二维码', more: '没有扣款。请在本设备上付款，或回到商店重新开始。' },
    failed: { title: '没有成功', more: '没有扣款。请检查网络后再试。' },
  },
  again: '显示新的二维码',
  back: '改在本设备上付款',
  phone: {
    asks: (payee) => phrase`${payee} 请您支付`,
    number: '另一个屏幕上的数字',
    numberHint: '就在您扫描的二维码旁边。',
    warning: '二维码是别人发给您的，或者您看不到数字？请就此停下。Moniker 和商店都不会这样要求您付款。',
    go: '继续查看账单',
    going: '正在核对',
    missing: '请输入两位数字。',
    overTitle: '这个二维码已失效',
    over: '它已被使用或已过期。请在另一个屏幕上显示新的二维码。没有扣款。',
    refusedTitle: '数字不对',
    refused: '为防止有人猜测，这个二维码已作废。请在另一个屏幕上显示新的二维码。没有扣款。',
    unreadable: '无法查询这个二维码',
    done: '完成：请看另一个屏幕',
    doneMore: (payee, amount) => phrase`您已向 ${payee} 支付 ${amount}。可以关闭本页。`,
    notPaid: '没有付款',
    notPaidMore: '请看另一个屏幕，那里会告诉您如何继续。可以关闭本页。',
  },
}
