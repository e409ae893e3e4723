/** What this device keeps of somebody for the time without a network, kept while they are here: what is answered after they left is not. */
import type { LastSeenDoor } from '../doors/last-seen.ts'
import type { Flow } from './flow.ts'
import type { WalletEvent, WalletFlow } from './wallet-flow.ts'

/** Keeps the cards of whoever is signed in, as they are shown. */
export function seenHere(
  lastSeen: LastSeenDoor,
  run: Flow<WalletFlow, WalletEvent>,
): Pick<LastSeenDoor, 'of' | 'keep' | 'forget'> {
  let here: string | null = null
  let before = run.now()

  async function keep(...[username, part]: Parameters<LastSeenDoor['keep']>): Promise<void> {
    if (username === here) await lastSeen.keep(username, part)
  }

  run.subscribe(() => {
    const state = run.now()
    const last = before.step === 'signed-in' ? before.payer : null
    before = state
    if (state.step !== 'signed-in') {
      here = null
      return
    }
    const { username, cards } = state.payer
    if (last?.username !== username) here = username
    if (last === state.payer) return
    const shown = cards.map(({ id, face, bank, nickname, isFrozen }) => ({ id, face, bank, nickname, isFrozen }))
    void keep(username, { cards: shown })
  })

  return {
    of: lastSeen.of,
    keep,
    async forget(username) {
      if (here === username) here = null
      await lastSeen.forget(username)
    },
  }
}
