import { type Phrase, phrase } from './phrase.ts'

/** What is said before anything else is here: of a bill that is open, and of what does not come. A bill waits for these words and for no others. */
export const firstEn = {
  skip: 'Skip to content',
  loading: 'Loading',
  broken: {
    what: 'This page could not be shown in full.',
    next: 'Nothing is paid twice. Load it again to see how things stand.',
  },
  reload: 'Load the page again',
  card: {
    endsIn: (brand: string, last4: string) => `${brand} ending in ${last4}`,
    frozen: 'Frozen',
    unknownBrand: 'Card',
  },
  pay: {
    title: (payee: string): Phrase => phrase`Pay ${payee}`,
    bill: 'Bill',
    reference: (reference: string): Phrase => phrase`Order ${reference}`,
    openFor: (left: string): Phrase => phrase`Open for ${left}`,
    openUntil: (time: string): Phrase => phrase`Open until ${time}`,
    as: 'Paying as',
    name: 'Your name',
    nameHint: 'The name you chose at Moniker. It is not a secret.',
    button: (payee: string, amount: string): Phrase => phrase`Pay ${payee} ${amount}`,
    touch: 'You confirm with your fingerprint, face or screen lock.',
    card: 'Card',
    change: 'Change name',
    newHere: 'First time here?',
    makeName: 'Choose a name',
    anotherCard: 'Add another card',
    usePhone: 'Use your phone',
    cancel: 'Cancel and go back to the shop',
    preparing: 'One moment',
    signing: 'Waiting for your passkey',
    sending: 'Asking your bank',
    canceling: 'Canceling',
    lines: (count: number) => `What it is for: ${count} things`,
  },
}

/** Another language has these words, every one of them: a missing word does not compile. */
export type FirstWords = typeof firstEn
