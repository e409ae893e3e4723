import type { CardBrand } from './card.ts'

/** As the networks write themselves; our own lettering, not their logos. Empty where nobody knows. */
export const brandNames: Record<CardBrand, string> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  unionpay: 'UnionPay',
  jcb: 'JCB',
  discover: 'Discover',
  diners: 'Diners Club',
  unknown: '',
}
