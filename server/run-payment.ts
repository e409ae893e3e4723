import { openPayment, type PaymentKeys, paymentKeysIn } from './payment/room.ts'
import { assertPagesAreBuilt, operatorToken, shopApiKey } from './prepare.ts'
import { type PublicKeys, pinnedKeys, publishKeys } from './public-keys.ts'
import { runAlone } from './run-alone.ts'
import { egress } from './runtime/egress.ts'
import { isLoopback, overHttp, type Peer } from './runtime/peer.ts'
import type { Room, Tools } from './runtime/room.ts'
import { StartupError } from './runtime/startup-error.ts'
import type { Settings } from './settings.ts'

/** @param bankKeys what the bank's answers are checked with, and what cards are sealed to: the current key first */
export async function openPaymentRoom(
  settings: Settings,
  keys: PaymentKeys,
  bankKeys: PublicKeys,
  peers: { bank: Peer },
  tools: Tools,
): Promise<Room> {
  const { payment, bank, shop } = settings
  const [sealingKey] = bankKeys.sealing
  if (sealingKey === undefined) throw new StartupError('The bank has no key that cards could be sealed to.')
  const outward = egress({ allowsLoopback: isLoopback(new URL(payment.origin).hostname) })
  return openPayment(
    {
      databaseUrl: payment.databaseUrl,
      cardDatabaseUrl: payment.cardDatabaseUrl,
      origin: payment.origin,
      relyingParty: payment.relyingParty,
      issuer: payment.origin,
      keys,
      bank: { issuer: bank.origin, name: bank.name, keys: bankKeys.signing, sealingKey },
      merchants: [{ name: shop.name, origin: shop.origin, apiKey: await shopApiKey(shop.apiKeyFile) }],
      takesTestPayments: bank.isSimulator,
      webDirectory: payment.webDirectory,
      isHttps: payment.origin.startsWith('https:'),
      operatorToken: await operatorToken(payment.keyDirectory),
      ...(payment.contact && { contact: payment.contact }),
    },
    { ...peers, webhooks: outward, push: outward },
    tools,
  )
}

async function openAlone(settings: Settings, tools: Tools): Promise<Room> {
  const { bank, payment } = settings
  await assertPagesAreBuilt(payment.webDirectory)
  const keys = await paymentKeysIn(payment.keyDirectory)
  await publishKeys(payment.publicDirectory, { signing: [keys.signing.publicJwk], sealing: [] })
  const bankKeys = {
    signing: await pinnedKeys(bank.publicDirectory, 'signing'),
    sealing: await pinnedKeys(bank.publicDirectory, 'sealing'),
  }
  return openPaymentRoom(settings, keys, bankKeys, { bank: overHttp(bank.url) }, tools)
}

if (import.meta.main) await runAlone('payment', openAlone)
