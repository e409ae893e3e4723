export type Route =
  | { readonly screen: 'join' }
  | { readonly screen: 'payments' }
  | { readonly screen: 'keys' }
  | { readonly screen: 'payment'; readonly payment: string }

export function routeOf(path: string): Route {
  if (path === '/console/join') return { screen: 'join' }
  if (path === '/console/keys') return { screen: 'keys' }
  const [, payment] = /^\/console\/payments\/([A-Za-z0-9_-]+)$/.exec(path) ?? []
  return payment === undefined ? { screen: 'payments' } : { screen: 'payment', payment }
}
