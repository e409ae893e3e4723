export type Route =
  | { readonly screen: 'wallet' }
  | { readonly screen: 'enrol' }
  | { readonly screen: 'verify' }
  | { readonly screen: 'lost' }
  | { readonly screen: 'phone' }
  | { readonly screen: 'open' }
  | { readonly screen: 'pay'; readonly payment: string }
  | { readonly screen: 'join'; readonly secret: string }
  | { readonly screen: 'nowhere' }

export function routeOf(path: string): Route {
  if (path === '/') return { screen: 'wallet' }
  if (path === '/enrol') return { screen: 'enrol' }
  if (path === '/verify') return { screen: 'verify' }
  if (path === '/lost') return { screen: 'lost' }
  if (path === '/phone') return { screen: 'phone' }
  if (path === '/open') return { screen: 'open' }
  const [, screen, id = ''] = path.match(/^\/(pay|join)\/([A-Za-z0-9_-]+)$/) ?? []
  if (screen === 'pay') return { screen, payment: id }
  return screen === 'join' ? { screen, secret: id } : { screen: 'nowhere' }
}
