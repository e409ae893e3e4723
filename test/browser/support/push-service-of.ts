import type { Page } from 'playwright-core'
import type { PushMessage } from '../../../shared/wire/push-api.ts'

/**
 * What the browser's push service does with a message, once it is decrypted.
 * @param origin whose worker is told; it has to be there
 * @returns hands a message to it
 */
export async function pushServiceOf(page: Page, origin: string): Promise<(message: PushMessage) => Promise<void>> {
  const devtools = await page.context().newCDPSession(page)
  const registered = Promise.withResolvers<string>()
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const own = registrations.find(({ scopeURL }) => new URL(scopeURL).origin === origin)
    if (own !== undefined) registered.resolve(own.registrationId)
  })
  await devtools.send('ServiceWorker.enable')
  const registrationId = await registered.promise
  return async (message) => {
    const data = JSON.stringify(message)
    await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
  }
}
