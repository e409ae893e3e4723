import type { PaymentState } from '../../shared/payment.ts'
import type { ConsoleRole, Happening } from '../../shared/wire/console-api.ts'
import type { KeyMode } from '../../shared/wire/merchant-api.ts'
import type { ConsoleNotice } from '../console/flows/console-notice.ts'
import type { NoticeCode } from '../flows/notice.ts'
import type { Advice } from './en.ts'
import { type Phrase, phrase } from './phrase.ts'

type Operation = Extract<Happening, { kind: 'operation' }>

type Own =
  | Exclude<ConsoleNotice, NoticeCode>
  | 'payment-unknown'
  | 'payment-settled'
  | 'payment-expired'
  | 'passkey-refused'
const notices: Record<Own, Advice> = {
  'capture-exceeds': { what: 'That is more than is set aside.', next: 'Nothing was captured. Type less.' },
  'refund-exceeds': { what: 'That is more than was captured.', next: 'Nothing was refunded. Type less.' },
  'bank-declined': { what: 'The bank refused.', next: 'No money was moved. The payment is as it was.' },
  'payment-unpaid': { what: 'This payment has not been paid.', next: 'Nothing was changed.' },
  'payment-settled': {
    what: 'This payment has been decided meanwhile.',
    next: 'Look at it again. Nothing was changed.',
  },
  'payment-expired': { what: 'This bill has expired meanwhile.', next: 'Nothing was changed.' },
  'webhook-url-refused': {
    what: 'That address cannot be called.',
    next: 'Nothing was added. It takes https and a public address.',
  },
  'webhooks-too-many': { what: 'There are sixteen webhooks already.', next: 'Nothing was added. Use one of them.' },
  'webhook-unknown': { what: 'There is no such webhook here.', next: 'Look for it among your webhooks.' },
  'person-unknown': { what: 'There is no such person here any more.', next: 'Look again at who there is.' },
  'owner-last': {
    what: 'This is the only owner.',
    next: 'Nothing was changed. Invite another owner first, and wait until they have come.',
  },
  'invitation-over': {
    what: 'This link is used up or out of date.',
    next: 'Ask whoever gave it to you for a new one.',
  },
  'role-missing': { what: 'Your role does not include that.', next: 'Ask an owner. Nothing was changed.' },
  'payment-unknown': { what: 'There is no such payment here.', next: 'Look for it among your payments.' },
  'passkey-refused': {
    what: 'That passkey does not open this console.',
    next: 'Pick the one you made for it, or ask for an invitation.',
  },
}
const roles: Record<ConsoleRole, string> = { viewer: 'Viewer', staff: 'Staff', owner: 'Owner' }
const rolesMore: Record<ConsoleRole, string> = {
  viewer: 'You will see payments and what became of them.',
  staff: 'You will see payments, capture, refund and cancel them.',
  owner: 'You will see and do all there is, keys included.',
}
const modes: Record<KeyMode, string> = { test: 'Test', live: 'Live' }
const states: Record<PaymentState, string> = {
  created: 'Open',
  approving: 'Asking the bank',
  unknown: 'No answer yet',
  authorized: 'Set aside',
  captured: 'Captured',
  refunded: 'Refunded',
  declined: 'Declined',
  expired: 'Expired',
  canceled: 'Canceled',
  voided: 'Voided',
}
const causes: Readonly<Record<string, string>> = {
  'merchant-asked': 'You asked for it.',
  'payer-confirmed': 'The payer confirmed it with their passkey.',
  'bank-approved': 'The bank approved.',
  'bank-declined': 'The bank declined.',
  'bank-reversed': 'The bank reversed it.',
  'limit-exceeded': 'It is more than the payer’s own limit leaves.',
  'bank-silent': 'The bank has not answered. It is asked again.',
  'too-many-failures': 'It was tried too often.',
  'payer-canceled': 'The payer canceled.',
  'merchant-canceled': 'You canceled.',
  'time-over': 'Nobody paid in time.',
  'bank-captured': 'The bank moved the money.',
  'bank-refunded': 'The bank gave the money back.',
  'bank-voided': 'The bank let the money go.',
  'hold-expired': 'Nobody captured in time.',
  'capture-refused': 'The bank refused a capture.',
  'refund-refused': 'The bank refused a refund.',
  'void-refused': 'The bank refused to let the money go.',
}
const operations: Record<Operation['what'], (amount: string) => string> = {
  capture: (amount) => `Capture of ${amount}`,
  refund: (amount) => `Refund of ${amount}`,
  void: (amount) => `Void of ${amount}`,
  expire: (amount) => `${amount} let go: nobody captured in time`,
}
const operationStates: Record<Operation['state'], string> = {
  asking: 'The bank is being asked.',
  unknown: 'The bank has not answered yet. It is asked again.',
  done: 'The bank did it.',
  refused: 'The bank refused. No money was moved.',
}
const failures: Readonly<Record<string, string>> = {
  'address-refused': 'not a public address',
  'name-unknown': 'no such host',
  'connection-failed': 'no connection',
  'too-slow': 'no answer in time',
  'not-sent': 'not sent',
}

export const consoleEn = {
  title: 'Moniker for merchants',
  notices,
  roles,
  modes,
  states,
  causes,
  entry: {
    title: 'Your payments',
    more: 'For the people of a shop: with the passkey you made when you were invited.',
    signIn: 'Sign in with your passkey',
    touching: 'Waiting for your passkey',
    invited: (merchant: string): Phrase => phrase`You are invited to ${merchant}`,
    role: (role: ConsoleRole) => `${roles[role]}. ${rolesMore[role]}`,
    join: 'Make a passkey',
    passkey: 'It is your fingerprint, face or screen lock, stays on your device, and pays nothing.',
    signOut: 'Sign out',
    passkeyName: (merchant: string, role: ConsoleRole) => `${merchant} (${roles[role]})`,
  },
  payments: {
    title: 'Payments',
    search: 'Order or payment id',
    state: 'State',
    all: 'All',
    mode: 'Mode',
    none: 'No payment is like that.',
    empty: 'No payments yet.',
    older: 'Older payments',
    save: 'Save these as a table (CSV)',
    refunded: (amount: string) => `${amount} given back`,
  },
  payment: {
    back: 'All payments',
    order: (reference: string): Phrase => phrase`Order ${reference}`,
    amount: 'Amount',
    captured: 'Captured',
    refunded: 'Refunded',
    state: 'State',
    card: 'Card',
    payer: 'Payer',
    created: 'Asked for',
    id: 'Payment',
    description: 'For',
    captureBefore: 'Capture before',
    happened: 'What happened',
    tried: (card: string) => `The bank was asked for the money, with ${card}.`,
    approval: (code: string) => `Approval code ${code}`,
    unanswered: 'Its answer is awaited.',
    operations,
    operationStates,
    reason: (reason: string): Phrase => phrase`Reason: ${reason}`,
    bankReason: (reason: string) => `The bank’s reason: ${reason}`,
    event: (type: string) => `Event ${type}`,
    attempt: (number: number, type: string) => `Webhook ${type}, try ${number}`,
    answered: (status: number) => `answered ${status}`,
    failed: (failure: string) => failures[failure] ?? failure,
    next: (time: string) => `Next try ${time}`,
    refresh: 'Look again',
  },
  keys: {
    title: 'API keys',
    once: 'This key is shown this once and kept nowhere. Copy it now:',
    scopes: { read: 'Look', payments: 'Payments', full: 'Everything' },
    unused: 'Never used',
    used: (time: string) => `Last used ${time}`,
    revoked: (time: string) => `Revoked ${time}`,
    revoke: (name: string) => `Revoke ${name}`,
    revokeMore: 'Whoever still comes with this key is turned away from then on.',
    revokeConfigured:
      'The server itself was set up with this key: the shop beside it cannot ask for payments until it is set up with another.',
    revokeNow: 'Revoke it for good',
    make: 'A new key',
    name: 'What it is for',
    nameMore: 'Such as “Till” or “Web shop”.',
    mode: 'Mode',
    scope: 'What it may do',
    makeNow: 'Make the key',
  },
  takings: {
    title: 'Captured in the last 30 days',
    payments: (count: number) => (count === 1 ? '1 payment' : `${count} payments`),
    chart: (total: string) => `${total}, day by day`,
    table: 'Day by day',
  },
  people: {
    title: 'People',
    you: (role: ConsoleRole): string => `${roles[role]} (you)`,
    since: (time: string) => `Since ${time}`,
    invited: (time: string) => `Invited, may come until ${time}`,
    change: 'Change',
    role: 'Role',
    roleNow: 'Make them that',
    rolesMore: {
      viewer: 'Sees payments and what became of them.',
      staff: 'Also captures, refunds and cancels payments.',
      owner: 'Does all there is: keys, webhooks and people included.',
    },
    remove: 'Remove them',
    removeMore: 'They are signed out at once, and their passkey opens nothing here any more.',
    removeNow: 'Remove them for good',
    invite: 'Somebody new',
    inviteNow: 'Make a link',
    once: 'This link is shown this once, works once, and for a day. Give it to nobody but whom it is for:',
  },
  webhooks: {
    title: 'Webhooks',
    one: 'Webhook',
    back: 'All webhooks',
    none: 'None yet. Add one, and your server hears of every payment by itself.',
    states: { enabled: 'On', disabled: 'Off', gone: 'Off: it answered that it is gone (410)' },
    once: 'Your server checks by either of these that a webhook is ours. Copy what you need now:',
    secret: 'Secret',
    publicKey: 'Public key',
    add: 'A new webhook',
    url: 'Address',
    urlMore: 'Such as https://shop.example/moniker',
    addNow: 'Add it',
    since: 'Since',
    formerKeys: 'The keys of before sign as well until',
    enable: 'Turn on',
    disable: 'Turn off',
    rotate: 'Make new keys',
    rotateMore: 'The keys of now sign as well for a day, so that your server can change over in peace.',
    rotateNow: 'Make new keys now',
    log: 'Deliveries',
    logEmpty: 'Nothing was delivered yet.',
    resend: (type: string) => `Send ${type} again`,
    resent: 'It is on its way again, to every webhook that is on.',
    ofPayment: 'See the payment',
  },
  acts: {
    names: { capture: 'Capture', refund: 'Refund', void: 'Void', cancel: 'Cancel the bill' },
    now: { capture: 'Capture it now', refund: 'Refund it now', void: 'Let it go now', cancel: 'Cancel it now' },
    more: {
      capture: (left: string) => `${left} is set aside. What you capture is yours.`,
      refund: (left: string) => `Up to ${left} goes back to the payer’s card.`,
      void: (left: string) => `${left} is let go, for good. What was captured stays yours.`,
      cancel: (left: string) => `Nobody can pay these ${left} any more.`,
    },
    amount: (currency: string) => `Amount in ${currency}`,
    all: (left: string) => `Left empty: all of ${left}.`,
    malformed: 'Type an amount, such as 2.50.',
    reason: 'Reason, if you like',
    reasonMore: 'Kept with the refund and told to nobody.',
    notNow: 'Not now',
  },
}
export type ConsoleWords = typeof consoleEn
