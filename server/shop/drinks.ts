import { type Money, money } from '../../shared/money.ts'
import type { Language } from './words.ts'

export type Drink = { readonly id: string; readonly price: Money; readonly names: Readonly<Record<Language, string>> }

/** The picture of a drink is drawn by `style.css`, under its id. */
export const drinks: readonly Drink[] = [
  { id: 'espresso', price: money(2_40, 'EUR'), names: { en: 'Espresso', zh: '意式浓缩' } },
  { id: 'flat-white', price: money(3_80, 'EUR'), names: { en: 'Flat white', zh: '澳白咖啡' } },
  { id: 'matcha', price: money(4_50, 'EUR'), names: { en: 'Matcha latte', zh: '抹茶拿铁' } },
  { id: 'brunch', price: money(12_50, 'EUR'), names: { en: 'Coffee and cake for two', zh: '双人咖啡蛋糕套餐' } },
]
export const quantityMax = 9
