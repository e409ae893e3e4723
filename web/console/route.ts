import type { ConsoleRole } from '../../shared/wire/console-api.ts'

export type Route =
  | { readonly screen: 'join' }
  | { readonly screen: 'payments' }
  | { readonly screen: 'keys' }
  | { readonly screen: 'people' }
  | { readonly screen: 'webhooks' }
  | { readonly screen: 'webhook'; readonly webhook: string }
  | { readonly screen: 'payment'; readonly payment: string }

export function routeOf(path: string): Route {
  if (path === '/console/join') return { screen: 'join' }
  if (path === '/console/keys') return { screen: 'keys' }
  if (path === '/console/people') return { screen: 'people' }
  if (path === '/console/webhooks') return { screen: 'webhooks' }
  const [, place, id = ''] = /^\/console\/(payments|webhooks)\/([A-Za-z0-9_-]+)$/.exec(path) ?? []
  if (place === 'webhooks') return { screen: 'webhook', webhook: id }
  return place === 'payments' ? { screen: 'payment', payment: id } : { screen: 'payments' }
}

/** What whoever is no owner may not look at is a way to the payments. */
export const routeFor = (role: ConsoleRole, route: Route): Route =>
  role !== 'owner' && (route.screen === 'keys' || route.screen === 'people') ? { screen: 'payments' } : route
