/** Whether passkeys can be used in this browser: in many apps' own browsers the interface is there, and what it asks for fails. */
export type PasskeysHere = 'yes' | 'doubtful' | 'nowhere'

/** How the browsers within apps call themselves. Android's own name for them is `; wv)`. */
const withinApps =
  /\b(FBAN|FBAV|Instagram|MicroMessenger|Line\/|TikTok|musical_ly|Snapchat|Pinterest|LinkedInApp)|; wv\)/

/** @param hasInterface whether there is a `PublicKeyCredential` */
export function passkeysHere(userAgent: string, hasInterface: boolean): PasskeysHere {
  if (!hasInterface) return 'nowhere'
  return withinApps.test(userAgent) ? 'doubtful' : 'yes'
}
