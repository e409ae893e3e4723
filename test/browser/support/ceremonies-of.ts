import type { BrowserContext } from 'playwright-core'

/**
 * What the pages of a phone ask its passkeys for from the next page on, one after the other: `get` with its mediation, `create` with
 * what the passkey is to be used for.
 */
export async function ceremoniesOf(context: BrowserContext): Promise<() => readonly string[]> {
  const ceremonies: string[] = []
  const binding = 'noteCeremony'
  await context.exposeBinding(binding, (_page, ceremony: string) => {
    ceremonies.push(ceremony)
  })
  await context.addInitScript((name) => {
    const container = CredentialsContainer.prototype
    const { get, create } = container
    const note = (ceremony: string) => Reflect.get(globalThis, name)(ceremony)
    container.get = function noted(options) {
      note(`get ${options?.mediation}`)
      return get.call(this, options)
    }
    container.create = function noted(options) {
      const { extensions = {}, authenticatorSelection } = options?.publicKey ?? {}
      const isPayment = 'payment' in extensions && Reflect.get(Object(extensions.payment), 'isPayment') === true
      note(
        `create ${authenticatorSelection?.authenticatorAttachment ?? 'anywhere'}${isPayment ? ', for payments' : ''}`,
      )
      return create.call(this, options)
    }
  }, binding)
  return () => ceremonies
}
