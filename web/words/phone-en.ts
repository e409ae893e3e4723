import { type Phrase, phrase } from './phrase.ts'

/** Words of a bill that one screen shows and a phone pays. */
export const phoneEn = {
  intro: {
    title: 'Pay with your phone',
    nowhere: 'This browser has no passkeys. Your phone has: scan a code with its camera, and pay there.',
    doubtful:
      'You are in an app’s own browser, which often cannot use passkeys. Scan a code with your phone, or open the link in Safari or Chrome.',
    begin: 'Show the code',
  },
  beginning: 'Making a code',
  shown: {
    title: 'Scan this with your phone',
    code: 'A link for the camera of your phone',
    number: 'Then type this number there',
    copy: 'Copy the link',
    copied: 'Copied',
    left: (time: string): Phrase => phrase`Good for ${time}, and for one phone.`,
  },
  matched: {
    title: 'Check your phone',
    lead: 'Pay there with your passkey. This page goes on by itself.',
    declined: 'The bank said no. You can try another card on your phone.',
  },
  ended: {
    refused: {
      title: 'The number was another one',
      more: 'So that nobody can guess it, that code is used up. Nothing was charged.',
    },
    over: { title: 'This code is too old', more: 'Nothing was charged. A new one takes a moment.' },
    'too-many': {
      title: 'No more codes for this bill',
      more: 'Nothing was charged. Pay on this device, or start again in the shop.',
    },
    failed: { title: 'That did not work', more: 'Nothing was charged. Check your connection and try again.' },
  },
  again: 'Show a new code',
  back: 'Pay on this device instead',
  phone: {
    asks: (payee: string): Phrase => phrase`${payee} asks for`,
    number: 'Number on the other screen',
    numberHint: 'It is next to the code that you have scanned.',
    warning:
      'Somebody sent you this code, or you see no number? Stop here. Nobody from Moniker or a shop asks you to pay like that.',
    go: 'Continue to the bill',
    going: 'Comparing',
    missing: 'Type the two digits.',
    overTitle: 'This code leads nowhere any more',
    over: 'It was used or is too old. Show a new one on the other screen. Nothing was charged.',
    refusedTitle: 'That is not the number',
    refused:
      'So that nobody can guess it, this code is used up. Show a new one on the other screen. Nothing was charged.',
    unreadable: 'We could not look up this code',
    done: 'Done: look at your other screen',
    doneMore: (payee: string, amount: string): Phrase => phrase`You paid ${payee} ${amount}. You can close this page.`,
    notPaid: 'Nothing was paid',
    notPaidMore: 'Look at your other screen: it says how to go on. You can close this page.',
  },
}

export type PhoneWords = typeof phoneEn
