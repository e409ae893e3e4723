import type { PaymentState } from '../../shared/payment.ts'
import { type Phrase, phrase } from './phrase.ts'

/** Empty where the amount says it all. */
const states: Record<PaymentState, string> = {
  created: 'Not paid',
  approving: 'Being decided',
  unknown: 'Being decided',
  authorized: 'Set aside',
  captured: '',
  refunded: 'Given back',
  declined: 'Declined',
  expired: 'Expired',
  canceled: 'Canceled',
  voided: 'Undone',
}

/** Words of the wallet alone, so that nobody who pays a bill has to load them. */
export const walletEn = {
  confirm: {
    title: (bank: string): Phrase => phrase`${bank} wants to hear from you`,
    more: 'Say on the bank’s own page that it was you who added this card. Until then it pays nothing.',
    open: (bank: string): Phrase => phrase`Go to ${bank}`,
    newTab: 'opens in a new tab',
    done: 'I have said yes',
    thenPay: 'Then press the button once more.',
    stillAwaited: 'The bank has not heard from you yet.',
    denied: (bank: string): Phrase => phrase`You told ${bank} that it was not you`,
    deniedMore: 'This card pays nothing here. Remove it, or ask your bank.',
    lapsed: (bank: string): Phrase => phrase`The link to ${bank} is over`,
    lapsedMore: 'Nobody said yes in time. Remove this card and add it again.',
    perhaps: 'If you added this card only now, your bank may want to hear from you first.',
    seeWallet: 'See your wallet',
  },
  signOut: 'Sign out',
  signOutMore: 'This device will still know your name.',
  activity: {
    title: 'Activity',
    month: 'This month',
    payments: (count: number) => (count === 1 ? '1 payment' : `${count} payments`),
    chart: (total: string) => `What you spent on each day of this month: ${total} in all.`,
    also: (total: string) => `And ${total}`,
    empty: 'Nothing yet. What you pay shows up here.',
    older: 'Show older',
    asOf: (time: string): Phrase => phrase`As of ${time}`,
    givenBack: (amount: string) => `${amount} given back`,
    states,
  },
  card: {
    freeze: 'Freeze',
    unfreeze: 'Unfreeze',
    frozen: 'Frozen',
    settings: 'Settings',
    freezing: 'Freezing',
    touching: 'Waiting for your passkey',
    frozenMore: 'It pays nothing, at any shop, until you unfreeze it with your passkey.',
    untold: 'Your bank has not answered yet. We hold to it here already, and keep telling the bank.',
    useFirst: 'Pay with this card first',
    nickname: 'Nickname',
    nicknameHint: 'Only you see it.',
    save: 'Save',
    saving: 'Saving',
    remove: 'Remove this card',
    removeTitle: 'Remove this card?',
    removeMore:
      'Its sealed record is deleted here, and the bank takes your passkey off the card. What you have paid stays paid.',
    removeNow: 'Remove for good',
    keep: 'Keep it',
    close: 'Close',
  },
}

export type WalletWords = typeof walletEn
