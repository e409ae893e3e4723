/**
 * Why a bank says no, in words a program can switch on. The numbers are ISO 8583 field 39.
 *
 * Our bank keeps no list of payees and takes no reports of cards. So `invalid-merchant`, `lost-card`, `stolen-card` and `do-not-honor` it
 * says only of a card that its simulator issued to be declined for this reason, or a test card: other banks say them, and whoever
 * builds on this one has to hear them.
 */
export const declineCodes = {
  'do-not-honor': '05',
  'invalid-merchant': '03',
  'invalid-amount': '13',
  'invalid-card': '14',
  'lost-card': '41',
  'stolen-card': '43',
  'insufficient-funds': '51',
  'expired-card': '54',
  'not-permitted': '57',
  'suspected-fraud': '59',
  'limit-exceeded': '61',
  'card-frozen': '62',
  'evidence-refused': '63',
  'wrong-code': '82',
  reversed: '94',
} as const satisfies Record<string, string>

export type DeclineReason = keyof typeof declineCodes
export const declineReasons = Object.keys(declineCodes) as [DeclineReason, ...DeclineReason[]]
