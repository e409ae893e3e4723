/** A name is answered while it is typed, and a refusal says why. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { faultsOf } from './support/faults-of.ts'
import { openTestHouse, type TestHouse } from './support/test-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterEach(async () => expect(await house.closePhones()).toEqual([]))
afterAll(() => house.close())

it('that cannot be had is refused while it is typed, with its reason', async () => {
  await (await house.phone()).wallet.takesNameAlone('john_wang')
  const { page, wallet } = await house.phone()
  await wallet.beginsEnrolment()
  const answers: Record<string, string> = {}
  const refused = {
    John_Wang: 'Somebody has this name already. Try another.',
    j0hn_wang: 'This looks like a name somebody has. Try another.',
    'jоhn-adams': 'This name mixes alphabets that look alike. Use one of them.',
    '4111 1111 1111 1111': 'This reads like a card number. Choose a name that is not a number.',
    '４１１１１１１１１１１１１１１１': 'This reads like a card number. Choose a name that is not a number.',
    '٤١١١-١١١١-١١١١-١١١١': 'This reads like a card number. Choose a name that is not a number.',
    'moniker-support': 'This name is reserved. Try another.',
    a: 'A name has at least two characters.',
    'ada@example': 'Letters, digits, dots, hyphens and underscores only.',
    'ada\u202Eegg': 'This name holds invisible characters. Type it again by hand.',
  }
  for (const name of Object.keys(refused)) answers[name] = await wallet.triesName(name)
  expect(answers).toEqual(refused)
  expect(await faultsOf(page, 'names/refused')).toEqual([])
})

it('in any script is free until somebody takes it', async () => {
  const { page, wallet } = await house.phone()
  await wallet.beginsEnrolment()
  for (const name of ['王小明', 'أحمد', 'राम', 'Ælfgifu', '山田太郎']) {
    expect(await wallet.triesName(name)).toBe(`${name} is yours`)
  }
  expect(await faultsOf(page, 'names/free')).toEqual([])
})
