import { describe, expect, it } from 'vitest'
import { type ActivityEvent, activityFlow, firstActivityFlow } from '../../../web/flows/activity-run.ts'
import { firstWalletFlow, isUnread, type WalletFlow, walletFlow } from '../../../web/flows/wallet-flow.ts'
import { adaSignedIn, ada as remembered } from './bill.ts'

const [second, first] = adaSignedIn.cards
if (first === undefined || second === undefined) throw new Error('expected two cards')
const home = walletFlow(firstWalletFlow, { type: 'signed-in', payer: adaSignedIn })
const having = (...events: Parameters<typeof walletFlow>[1][]) => events.reduce<WalletFlow>(walletFlow, home)

describe('the wallet', () => {
  it('shows what came of an act, and what went wrong only until the next one', () => {
    const failed = having(
      { type: 'doing', act: 'freezing', card: first.id },
      { type: 'card-failed', notice: 'offline', card: first.id },
    )
    expect(failed).toMatchObject({ doing: null, failure: { notice: 'offline', card: first.id } })
    expect(walletFlow(failed, { type: 'doing', act: 'freezing', card: first.id })).toMatchObject({ failure: null })
  })

  it('closes the settings of a card that is gone, and of no other', () => {
    const removing = having({ type: 'card-opened', card: first.id }, { type: 'removing', isRemoving: true })
    const gone = { ...adaSignedIn, cards: [second] }
    expect(walletFlow(removing, { type: 'done', payer: gone })).toMatchObject({ open: null, isRemoving: false })
    const other = { ...adaSignedIn, cards: [first] }
    expect(walletFlow(removing, { type: 'done', payer: other })).toMatchObject({ open: first.id, isRemoving: true })
  })

  it('says so where the bank was asked, and has heard nothing', () => {
    const confirmation = { state: 'awaited', url: 'https://bank.example', expiresAtMs: 1 } as const
    const payer = { ...adaSignedIn, cards: [{ ...first, confirmation }] }
    const asking = having({ type: 'doing', act: 'asking', card: first.id })
    expect(walletFlow(asking, { type: 'done', payer })).toMatchObject({ stillAwaited: first.id })
    expect(walletFlow(asking, { type: 'done', payer: adaSignedIn })).toMatchObject({ stillAwaited: null })
    // Somebody who came back to the page has asked nothing.
    expect(walletFlow(home, { type: 'done', payer })).toMatchObject({ stillAwaited: null })
  })

  it('shows to who comes back what is there now, and what went wrong until they act', () => {
    const failed = having({ type: 'card-failed', notice: 'offline', card: first.id })
    const payer = { ...adaSignedIn, cards: [first] }
    expect(walletFlow(failed, { type: 'read-again', payer })).toMatchObject({ payer, failure: { notice: 'offline' } })
    const acting = having({ type: 'doing', act: 'freezing', card: first.id })
    expect(walletFlow(acting, { type: 'read-again', payer })).toBe(acting)
  })

  it('tells a server that is out of reach from nobody being signed in', () => {
    const out = (notice: 'unavailable' | 'session-missing') =>
      walletFlow(firstWalletFlow, { type: 'read', payer: null, names: [remembered], notice })
    expect(isUnread(out('unavailable'))).toBe(true)
    expect(isUnread(out('session-missing'))).toBe(false)
    expect(isUnread(home)).toBe(false)
  })

  it('keeps nothing of a payer who has signed out', () => {
    const out = having({ type: 'signed-out', names: [remembered], notice: null })
    expect(out).toEqual({ step: 'signed-out', names: [remembered], doing: 'nothing', notice: null, closed: null })
    expect(walletFlow(out, { type: 'done', payer: adaSignedIn })).toBe(out)
  })

  it('says whose account was closed, until somebody else signs in', () => {
    const closed = having({ type: 'signed-out', names: [], notice: null, closed: 'Ada' })
    expect(closed).toMatchObject({ closed: 'Ada' })
    expect(walletFlow(closed, { type: 'signing' })).toMatchObject({ closed: null })
  })
})

it('what was seen before never takes the place of what is', () => {
  const reading = firstActivityFlow
  const seen: ActivityEvent = { type: 'seen-before', payments: [], spent: [], asOfMs: 1 }
  expect(activityFlow(reading, seen)).toMatchObject({ asOfMs: 1 })
  const read = activityFlow(reading, { type: 'read', payments: [], spent: [], next: null })
  expect(activityFlow(read, seen)).toBe(read)
})
