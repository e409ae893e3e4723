export type Route =
  | { readonly screen: 'wallet' }
  | { readonly screen: 'enrol' }
  | { readonly screen: 'verify' }
  | { readonly screen: 'pay'; readonly payment: string }
  | { readonly screen: 'nowhere' }

export function routeOf(path: string): Route {
  if (path === '/') return { screen: 'wallet' }
  if (path === '/enrol') return { screen: 'enrol' }
  if (path === '/verify') return { screen: 'verify' }
  const [, payment] = path.match(/^\/pay\/([A-Za-z0-9_-]+)$/) ?? []
  return payment === undefined ? { screen: 'nowhere' } : { screen: 'pay', payment }
}
