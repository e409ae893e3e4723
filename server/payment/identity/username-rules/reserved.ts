import { parseUsername, type Username } from '../../../../shared/username.ts'
import { skeletonOf } from './skeleton.ts'

/** Names that would be believed to speak for us, for a bank or for a machine. */
const reservedNames = [
  ...['admin', 'administrator', 'root', 'system', 'sysadmin', 'superuser', 'operator', 'owner', 'moderator', 'staff'],
  ...['team', 'official', 'support', 'help', 'helpdesk', 'service', 'customer-service', 'customer-care', 'contact'],
  ...['info', 'bank', 'banking', 'bank-server', 'issuer', 'acquirer', 'card', 'cards', 'visa', 'mastercard', 'amex'],
  ...[
    'american-express',
    'unionpay',
    'jcb',
    'discover',
    'diners',
    'diners-club',
    'pay',
    'payment',
    'payments',
    'payer',
  ],
  ...['payee', 'payment-server', 'billing', 'invoice', 'refund', 'refunds', 'checkout', 'merchant', 'shop', 'wallet'],
  ...['money', 'cash', 'account', 'accounts', 'security', 'secure', 'fraud', 'trust', 'verify', 'verified'],
  ...['verification', 'login', 'sign-in', 'sign-up', 'logout', 'password', 'passkey', 'recovery', 'api', 'www', 'web'],
  ...['mail', 'email', 'webmaster', 'postmaster', 'hostmaster', 'abuse', 'no-reply', 'nobody', 'anonymous', 'guest'],
  ...['null', 'undefined', 'none', 'everyone', 'unknown', 'me', 'you'],
  ...['administrador', 'soporte', 'ayuda', 'banco', 'seguridad', 'pago', 'aide', 'banque', 'sécurité', 'paiement'],
  ...[
    'hilfe',
    'sicherheit',
    'zahlung',
    'админ',
    'администратор',
    'поддержка',
    'помощь',
    'банк',
    'безопасность',
    'оплата',
  ],
  ...[
    '管理员',
    '管理員',
    '客服',
    '支付',
    '付款',
    '银行',
    '銀行',
    '系统',
    '系統',
    '官方',
    '安全',
    '帮助',
    '幫助',
    '管理者',
  ],
  ...[
    'サポート',
    'ヘルプ',
    '관리자',
    '고객센터',
    '은행',
    '결제',
    'مدير',
    'المدير',
    'دعم',
    'الدعم',
    'بنك',
    'البنك',
    'مساعدة',
  ],
  ...['प्रशासक', 'सहायता', 'बैंक', 'भुगतान'],
]

/** A name with our own in it is ours: `moniker-refunds`. */
const ourName = 'moniker'

/** Also of what looks like such a name, and whatever separators are put into it: `a.dm1n`. */
export function isReserved(username: Username): boolean {
  const look = lookOf(username)
  return reservedLooks.has(look) || look.includes(ourLook)
}

const lookOf = (username: Username): string => skeletonOf(username).replace(/[^\p{L}\p{M}\p{N}]/gu, '')
const lookOfName = (name: string): string => lookOf(parseUsername(name).username)

const reservedLooks: ReadonlySet<string> = new Set(reservedNames.map(lookOfName))
const ourLook = lookOfName(ourName)
