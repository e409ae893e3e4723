/** What somebody who is signed in does with their passkeys. */
import type { Bytes } from '../../shared/bytes.ts'
import type { IntentFor } from '../../shared/intent.ts'
import { createdThumbprint } from '../../shared/passkey.ts'
import type { Configuration, Invitation, ListedPasskey, ListedPasskeys, Payer } from '../../shared/wire/payment-api.ts'
import type { KnownPasskeysDoor } from '../doors/known-passkeys.ts'
import type { Assertion } from '../doors/passkey.ts'
import type { PasskeyClient } from '../doors/passkey-client.ts'
import type { PasskeyCreationDoor, Registration } from '../doors/passkey-creation.ts'
import type { SignalsDoor } from '../doors/signals.ts'
import { aheadOfTap } from './ahead-of-tap.ts'
import { type Flow, flow } from './flow.ts'
import { joinProof, matchingNumber, newJoinKey } from './join-proof.ts'
import { DoorError, isAnswerLost } from './notice.ts'
import { firstPasskeyFlow, type PasskeyAct, type PasskeyEvent, type PasskeyFlow, passkeyFlow } from './passkey-flow.ts'
import { anyNoticeOf } from './passkey-notice.ts'
import type { Tools } from './pay-run.ts'
import { type Prepared, prepared } from './prepare.ts'

export type PasskeyRun = {
  readonly flow: Flow<PasskeyFlow, PasskeyEvent>
  /** Whether this browser tells the device what was removed. */
  areSignalsHeard(): boolean
  read(): Promise<void>
  open(passkey: ListedPasskey): void
  name(passkey: ListedPasskey, nickname: string): Promise<void>
  /** Asks whether it shall really go. */
  beginRemoval(passkey: ListedPasskey): void
  remove(passkey: ListedPasskey): Promise<void>
  /** Somebody says that the passkeys that came from elsewhere are theirs. */
  recognise(): Promise<void>
  beginAddition(): void
  /** @param isRoaming on a security key, or in another app, because this device has one already */
  make(isRoaming: boolean): Promise<void>
  /** Lets a passkey that is there vouch for the one that was made. */
  vouch(): Promise<void>
  invite(): Promise<void>
  /** The number that the other device shows, or any other where it shows none of those here. */
  pick(number: number): Promise<void>
  /** Ends whatever is open, and takes back what came of it. */
  close(): void
}

export type PasskeyTools = Pick<Tools, 'passkey' | 'device' | 'pause' | 'nowMs'> & {
  readonly passkeys: PasskeyClient
  readonly creation: PasskeyCreationDoor
  readonly signals: SignalsDoor
  readonly known: KnownPasskeysDoor
  readonly random: (length: number) => Bytes
  /** Of the wallet: where a link for another device leads. */
  readonly origin: string
}

const pollEveryMs = 2_000

type Party = Configuration['relyingParty']
type Making = Prepared<IntentFor<'make-passkey'>> & { readonly party: Party; readonly payments: boolean }
type Removal = Prepared<IntentFor<'remove-passkey'>> & { readonly party: Party }
type Vouching = Prepared<IntentFor<'add-passkey'>> & { readonly party: Party }
/** A passkey that this device has made, and what another one signs for it. */
type Made = {
  readonly credentialId: string
  readonly made: { readonly intent: IntentFor<'make-passkey'>; readonly response: Registration }
  readonly vouching: Vouching
}
/** A passkey that the other device has made, the number it shows for it, and what one of here signs for it. */
type Matching = { readonly number: number; readonly thumbprint: string; readonly vouching: Vouching }

/**
 * @param payer as they are now; their passkeys may have changed since they signed in
 * @param changed whoever else shows this payer reads them again
 * @param signedOut the session is over
 */
export function passkeyRun(
  tools: PasskeyTools,
  configuration: () => Promise<Configuration>,
  payer: () => Payer,
  changed: () => Promise<void>,
  signedOut: () => Promise<void>,
): PasskeyRun {
  const { passkey, device, passkeys, creation, signals, known, random, origin, pause, nowMs } = tools
  const run = flow(passkeyFlow, firstPasskeyFlow)
  const { now, send } = run
  const payments = creation.payments().catch(() => false)
  const making = aheadOfTap(prepareMaking, nowMs)
  const removal = aheadOfTap(prepareRemoval, nowMs)
  let made: Made | null = null
  let matching: Matching | null = null
  /** Counts what lies over the wallet: an answer for what is closed by now is for nobody. */
  let opened = 0

  const idsOf = (list: readonly ListedPasskey[]): string[] => list.map(({ credentialId }) => credentialId)
  const relyingParty = async () => (await configuration()).relyingParty

  async function read(): Promise<void> {
    const shown = now().passkeys
    const list = await passkeys.list().catch(() => null)
    if (list === null) return
    const before = await known.of(payer().username)
    // What was done meanwhile is newer than this answer.
    if (now().passkeys !== shown || now().doing !== null) return
    const isFamiliar = ({ credentialId, isOfSession }: ListedPasskey): boolean =>
      isOfSession || before === null || before.includes(credentialId)
    const unfamiliar = list.passkeys.filter((kept) => !isFamiliar(kept)).map(({ thumbprint }) => thumbprint)
    send({ type: 'read', passkeys: list.passkeys, unfamiliar })
  }

  /** @param work is told whether what it was asked for in is still open: what was closed meanwhile is wanted no more */
  async function act(name: PasskeyAct, work: (isOpen: () => boolean) => Promise<void>): Promise<void> {
    if (now().doing !== null) return
    const turn = opened
    const isOpen = () => turn === opened
    send({ type: 'doing', act: name })
    try {
      await work(isOpen)
    } catch (error) {
      const notice = anyNoticeOf(error)
      if (notice === 'session-missing') await signedOut()
      else if (isOpen()) send({ type: 'failed', notice })
    }
  }

  async function sign<I extends IntentFor<'add-passkey' | 'remove-passkey'>>(
    ready: Prepared<I> & { readonly party: Party },
  ): Promise<{ intent: I; response: Assertion }> {
    const { intent, challenge, party } = ready
    const credentialIds = idsOf(now().passkeys ?? [])
    return { intent, response: await passkey.confirm({ challenge, relyingPartyId: party.id, credentialIds }) }
  }

  async function prepareMaking(): Promise<Making> {
    const [{ intent }, party] = await Promise.all([passkeys.makingIntent(), relyingParty()])
    return { ...(await prepared('make-passkey', intent, true)), party, payments: await payments }
  }

  async function prepareRemoval({ thumbprint }: ListedPasskey): Promise<Removal> {
    const [{ intent }, party] = await Promise.all([passkeys.removalIntent(thumbprint), relyingParty()])
    return { ...(await prepared('remove-passkey', intent, intent.passkey === thumbprint)), party }
  }

  async function prepareVouching(thumbprint: string): Promise<Vouching> {
    const [{ intent }, party] = await Promise.all([passkeys.vouchingIntent(thumbprint), relyingParty()])
    return { ...(await prepared('add-passkey', intent, intent.passkey === thumbprint)), party }
  }

  const tellDevice = async ({ userHandle, passkeys: list }: ListedPasskeys): Promise<void> =>
    signals.accept((await relyingParty()).id, { userHandle, credentialIds: idsOf(list) })

  /** Somebody has just added it here, with this device in their hand: they need not be asked whether it was them. */
  async function added(list: ListedPasskeys, isOpen: boolean): Promise<void> {
    const { username } = payer()
    const before = now().passkeys ?? []
    const isNew = ({ thumbprint }: ListedPasskey) => !before.some((kept) => kept.thumbprint === thumbprint)
    const familiar = (await known.of(username)) ?? idsOf(before)
    await known.keep(username, [...familiar, ...idsOf(list.passkeys.filter(isNew))])
    send({ type: 'added', passkeys: list.passkeys, isOpen })
    await tellDevice(list)
    await changed()
  }

  async function make(isRoaming: boolean): Promise<void> {
    await act('making', async (isOpen) => {
      const { intent, challenge, party, payments: isForPayments } = making.here() ?? (await making.ask())
      if (!isOpen()) return
      const { username, display } = payer()
      const about = { challenge, relyingParty: party, userHandle: intent.userHandle, username, display }
      const exclude = idsOf(now().passkeys ?? [])
      passkey.endOffer()
      const response = await creation.create({ ...about, payments: isForPayments, exclude, isRoaming })
      making.drop()
      try {
        const vouching = await prepareVouching(await thumbprintOf(response))
        if (!isOpen()) throw new DoorError('passkey-dismissed')
        made = { credentialId: response.id, made: { intent, response }, vouching }
        send({ type: 'made' })
      } catch (error) {
        await creation.forget(party.id, response.id)
        throw error
      }
    })
  }

  async function vouch(): Promise<void> {
    if (made === null) return
    const { credentialId, vouching, made: first } = made
    await act('vouching', async (isOpen) => {
      const vouched = await sign(vouching)
      if (!isOpen()) return // the device has forgotten it
      made = null // an intent is consumed before it is verified, whatever comes of it
      try {
        await added(await passkeys.add({ made: first, vouched }), isOpen())
      } catch (error) {
        const isThere = await wasAdded(error, (kept) => kept.credentialId === credentialId, isOpen)
        if (isThere === false) await creation.forget(vouching.party.id, credentialId)
      }
    })
  }

  /** Whether it was added, only the server knows, and its answer may have been lost. @returns null where nobody can say */
  async function wasAdded(
    error: unknown,
    isIt: (kept: ListedPasskey) => boolean,
    isOpen: () => boolean,
  ): Promise<boolean | null> {
    const list = isAnswerLost(error) ? await passkeys.list().catch(() => null) : null
    const isThere = list?.passkeys.some(isIt) ?? false
    if (list !== null && isThere) await added(list, isOpen())
    else if (isOpen()) send({ type: 'over', notice: anyNoticeOf(error) })
    return list === null && isAnswerLost(error) ? null : isThere
  }

  async function invite(): Promise<void> {
    await act('inviting', async (isOpen) => {
      const { secret } = await passkeys.invite()
      if (!isOpen()) return
      const key = newJoinKey(random)
      matching = null
      opened += 1
      send({ type: 'opened', sheet: { at: 'invited', link: `${origin}/join/${secret}#${key}` } })
      void watch(key, opened)
    })
  }

  async function watch(key: string, turn: number): Promise<void> {
    while (turn === opened) {
      await pause(pollEveryMs)
      if (turn !== opened) return
      const invitation = await passkeys.invitation().catch((error: unknown) => anyNoticeOf(error))
      if (turn !== opened) return
      if (invitation === 'session-missing') return signedOut()
      if (typeof invitation === 'string') continue // a bad line; the code is still good
      if (invitation.state === 'over') return send({ type: 'over', notice: 'invitation-over' })
      if (invitation.state === 'made') return match(invitation, key, turn)
    }
  }

  async function match(
    { thumbprint, proof, keeper }: Extract<Invitation, { state: 'made' }>,
    key: string,
    turn: number,
  ): Promise<void> {
    try {
      // What the other device made, by its own word: a server cannot put a passkey of its own in the place.
      if (proof !== (await joinProof(key, thumbprint))) throw new DoorError('passkey-exchanged')
      const [number, vouching] = await Promise.all([matchingNumber(key, thumbprint), prepareVouching(thumbprint)])
      if (turn !== opened) return
      matching = { number, thumbprint, vouching }
      send({ type: 'opened', sheet: { at: 'matching', numbers: amongOthers(number, random), keeper } })
    } catch (error) {
      if (turn !== opened) return
      await passkeys.callOff().catch(() => undefined)
      send({ type: 'over', notice: anyNoticeOf(error) })
    }
  }

  async function pick(number: number): Promise<void> {
    if (matching === null || now().doing !== null) return
    if (number !== matching.number) {
      endInvitation()
      return send({ type: 'over', notice: 'number-differs' })
    }
    const { vouching, thumbprint } = matching
    await act('vouching', async (isOpen) => {
      const vouched = await sign(vouching)
      if (!isOpen()) return
      matching = null
      try {
        await added(await passkeys.vouch(vouched), isOpen())
      } catch (error) {
        await wasAdded(error, (kept) => kept.thumbprint === thumbprint, isOpen)
      }
    })
  }

  async function remove(kept: ListedPasskey): Promise<void> {
    await act('removing', async (isOpen) => {
      const here = removal.here()
      const ready = here?.intent.passkey === kept.thumbprint ? here : await removal.ask(kept)
      if (!isOpen()) return
      const signed = await sign(ready)
      removal.drop()
      if (!isOpen()) return
      const list = await passkeys.remove(kept.thumbprint, signed).catch((error: unknown) => withoutIt(error, kept))
      send({ type: 'removed', passkeys: list.passkeys, passkey: kept, isOpen: isOpen() })
      await tellDevice(list)
      if (!kept.isOfSession) return changed()
      await rememberOnly(idsOf(list.passkeys))
      await signedOut()
    })
  }

  /** Where the answer got lost, or somebody else was quicker: is it gone? */
  async function withoutIt(error: unknown, { thumbprint }: ListedPasskey): Promise<ListedPasskeys> {
    const mayBeGone = isAnswerLost(error) || anyNoticeOf(error) === 'passkey-unknown'
    const list = mayBeGone ? await passkeys.list().catch(() => null) : null
    if (list === null || list.passkeys.some((kept) => kept.thumbprint === thumbprint)) throw error
    return list
  }

  /** Nobody is signed in any more who could ask: the next sign-in is not to try what is gone. */
  async function rememberOnly(credentialIds: readonly string[]): Promise<void> {
    const { username } = payer()
    const name = (await device.names()).find((remembered) => remembered.username === username)
    if (name) await device.remember({ ...name, credentialIds })
  }

  function endInvitation(): void {
    opened += 1
    matching = null
    void passkeys.callOff().catch(() => undefined)
  }

  async function dropMade(): Promise<void> {
    if (made === null) return
    const { credentialId } = made
    made = null
    await creation.forget((await relyingParty()).id, credentialId)
  }

  return {
    flow: run,
    areSignalsHeard: signals.areHeard,
    read,
    make,
    vouch,
    invite,
    pick,
    name: (kept, nickname) =>
      act('naming', async () => {
        const list = await passkeys.name(kept.thumbprint, nickname)
        send({ type: 'named', passkeys: list.passkeys })
        await signals.spell((await relyingParty()).id, list.userHandle, payer())
      }),
    open: ({ thumbprint }) => send({ type: 'opened', sheet: { at: 'passkey', thumbprint, isRemoving: false } }),
    beginAddition() {
      send({ type: 'opened', sheet: { at: 'adding' } })
      beforehand(making.ask())
    },
    beginRemoval(kept) {
      send({ type: 'opened', sheet: { at: 'passkey', thumbprint: kept.thumbprint, isRemoving: true } })
      beforehand(removal.ask(kept))
    },
    remove,
    async recognise() {
      await known.keep(payer().username, idsOf(now().passkeys ?? []))
      send({ type: 'recognised' })
    },
    close() {
      const { sheet } = now()
      if (sheet?.at === 'invited' || sheet?.at === 'matching') endInvitation()
      opened += 1
      void dropMade()
      send({ type: 'closed' })
    },
  }
}

/** Whether it failed is told when somebody taps, and not before. */
export function beforehand(asking: Promise<unknown>): void {
  asking.catch(() => undefined)
}

/** The right number and two others, in no order that tells which: 10 to 99. */
function amongOthers(number: number, random: (length: number) => Bytes): number[] {
  const [near = 0, far = 0] = random(2)
  const steps = [0, 1 + (near % 44), 45 + (far % 45)]
  return steps.map((step) => 10 + ((number - 10 + step) % 90)).sort((left, right) => left - right)
}

/** @throws {DoorError} where this browser does not tell what it made: nobody could vouch for it */
export async function thumbprintOf({ response: { authenticatorData } }: Registration): Promise<string> {
  if (!authenticatorData) throw new DoorError('passkey-unsupported')
  return createdThumbprint(authenticatorData)
}
