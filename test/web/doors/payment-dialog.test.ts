import { expect, it } from 'vitest'
import { base64url } from '../../../shared/bytes.ts'
import type { PayIntent } from '../../../shared/intent.ts'
import { type DialogBrowser, paymentDialogDoor } from '../../../web/doors/payment-dialog.ts'
import { keepPaymentPasskey } from '../../../web/doors/payment-passkeys.ts'
import { billOf, visa } from '../flows/bill.ts'
import { payIntentOf } from '../flows/doors.ts'

/** A browser with a dialog, in which nothing but this comes of it. */
function browser(says: string, outcome: Error) {
  const asked: unknown[] = []
  const choices = new Map<string, string>()
  const storage = {
    getItem: (key: string) => choices.get(key) ?? null,
    setItem: (key: string, value: string) => void choices.set(key, value),
  }
  keepPaymentPasskey(storage, base64url(credential))
  class Dialog {
    static securePaymentConfirmationAvailability = async () => says
    constructor(methods: PaymentMethodData[], details: PaymentDetailsInit) {
      asked.push({ methods, details })
    }
    show(): Promise<PaymentResponse> {
      return Promise.reject(outcome)
    }
  }
  return { asked, open: (dialog: DialogBrowser = Dialog) => paymentDialogDoor(dialog, storage) }
}

const refusal = (name: string) => new DOMException('', name)
const credential = new Uint8Array(16).fill(7)
const ask = (intent: PayIntent = payIntentOf(billOf())) => ({
  challenge: new Uint8Array(32),
  relyingPartyId: 'pay.example',
  credentialIds: [base64url(credential)],
  intent,
  face: visa,
})

it('asks the browser to show payee, amount and card, all of it or nothing', async () => {
  const { asked, open } = browser('available', refusal('NotAllowedError'))
  await (await open())?.confirm(ask())
  expect(asked).toEqual([
    {
      methods: [
        {
          supportedMethods: 'secure-payment-confirmation',
          data: {
            rpId: 'pay.example',
            credentialIds: [credential],
            challenge: new Uint8Array(32),
            payeeName: 'Bluebird Coffee',
            payeeOrigin: 'https://bluebird.example',
            instrument: {
              displayName: 'Visa •••• 1111',
              icon: expect.stringMatching(/^data:image\/png/),
              iconMustBeShown: true,
            },
            timeout: 120_000,
            showOptOut: true,
          },
        },
      ],
      details: { total: { label: 'Bluebird Coffee', amount: { currency: 'EUR', value: '12.50' } } },
    },
  ])
})

it.each([
  'unavailable-unknown-reason',
  'unavailable-feature-not-enabled',
  'unavailable-no-permission-policy',
  'unavailable-no-user-verifying-platform-authenticator',
])('is no door where the browser says %s', async (says) => {
  expect(await browser(says, refusal('AbortError')).open()).toBeNull()
})

it('is no door in a browser that has never heard of it', async () => {
  const { open } = browser('available', refusal('AbortError'))
  class Older {
    show = () => Promise.reject(refusal('NotSupportedError'))
  }
  expect(await open(Older)).toBeNull()
})

it.each([
  ['cannot, or the payer wants another way', refusal('NotAllowedError')],
  ['cannot show the card', refusal('NotSupportedError')],
  ['may not', refusal('SecurityError')],
  ['is busy', refusal('InvalidStateError')],
  ['does not take the payee', new TypeError()],
  ['does not take the passkeys', new RangeError()],
])('leaves it to the page where the browser %s', async (_what, outcome) => {
  expect(await (await browser('available', outcome).open())?.confirm(ask())).toBeNull()
})

it('is not asked with passkeys that were not made for it', async () => {
  const { asked, open } = browser('available', refusal('AbortError'))
  const door = await open()
  expect(await door?.confirm({ ...ask(), credentialIds: ['AAAA'] })).toBeNull()
  expect(asked).toEqual([])
  await expect(door?.confirm({ ...ask(), credentialIds: ['AAAA', base64url(credential)] })).rejects.toBeDefined()
  expect(asked).toMatchObject([{ methods: [{ data: { credentialIds: [credential] } }] }])
})

it('takes a no for a no', async () => {
  const { open } = browser('available', refusal('AbortError'))
  await expect((await open())?.confirm(ask())).rejects.toMatchObject({ code: 'passkey-dismissed' })
})

it('never asks again who has told the browser not to', async () => {
  const { asked, open } = browser('available', refusal('OptOutError'))
  const door = await open()
  await expect(door?.confirm(ask())).rejects.toMatchObject({ code: 'dialog-left' })
  expect(await door?.confirm(ask())).toBeNull()
  expect(await open()).toBeNull()
  expect(asked).toHaveLength(1)
})
