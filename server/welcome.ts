import { testCards } from './bank/room.ts'
import { operatorTokenFile } from './prepare.ts'
import type { Addresses } from './settings.ts'

/** One that pays, one whose limit is soon met, one that declines. */
const shownCards = ['4111111111111111', '4000000000006975', '4000000000009995']

/** What somebody who has just started the rooms wants to know. */
export function welcome({ shop, payment, bank }: Addresses, facts: Facts): string {
  const { dataDirectory, bankKeyDirectory, isBankSimulated } = facts
  const theBank = isBankSimulated
    ? 'the simulated bank and its ledger'
    : `the bank's ledger; the password is in ${operatorTokenFile(bankKeyDirectory)}`
  return `
  Moniker is running: pay with your name, never your card number.

    Shop     ${shop}   start here: buy a coffee
    Wallet   ${payment}   your name, passkey and cards
    Bank     ${bank}   ${theBank}
${isBankSimulated ? testCardLines() : ''}
  Everything is kept in ${dataDirectory}. Ctrl-C finishes what is in flight and stops.

`
}

type Facts = {
  readonly dataDirectory: string
  readonly bankKeyDirectory: string
  readonly isBankSimulated: boolean
}

function testCardLines(): string {
  const cards = testCards.filter(({ number }) => shownCards.includes(number))
  const lines = cards.map(({ number, does }) => `    ${number.replace(/(.{4})(?=.)/g, '$1 ')}   ${does}`)
  return `
  Test cards, with any name, any date to come and any code but 000:
${lines.join('\n')}
`
}
