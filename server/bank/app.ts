import { Hono } from 'hono'
import type { z } from 'zod'
import { type BankAnswer, type BankOperation, bankOperations, joseContentType } from '../../shared/wire/bank-api.ts'
import { type HttpEnvironment, requestLog, securityHeaders } from '../runtime/http.ts'
import { problemResponse, routeUnknown } from '../runtime/problem-response.ts'
import { readText } from '../runtime/read-body.ts'
import { allowance } from './allowance.ts'
import { authorize } from './authorize.ts'
import type { Bank, PaymentServer } from './bank.ts'
import { bindPasskey } from './bind-passkey.ts'
import { breakOff, unlessBroken } from './broken-connection.ts'
import { capture } from './capture.ts'
import { cardStanding } from './card-standing.ts'
import { consolePages, contentSecurityPolicy } from './console/pages.ts'
import { enrolCard } from './enrol-card.ts'
import { readRequest, signAnswer } from './exchange.ts'
import { freezeCard } from './freeze-card.ts'
import { inquire } from './inquire.ts'
import { recoverCard } from './recover-card.ts'
import { refund } from './refund.ts'
import { resealRecord } from './reseal-record.ts'
import { reverse } from './reverse.ts'
import { revokePasskey } from './revoke-passkey.ts'
import { setLimit } from './set-limit.ts'
import { simulatorApi } from './simulator.ts'
import { statement } from './statement.ts'
import { unbindPasskey } from './unbind-passkey.ts'
import { undoRecovery } from './undo-recovery.ts'
import { voidHold } from './void-hold.ts'

/** The bank's one door: signed messages for payment servers, pages for people. */
export function bankApp(bank: Bank) {
  const app = new Hono<HttpEnvironment>()
    .use(requestLog(bank.log, bank.clock))
    .use(securityHeaders({ contentSecurityPolicy, isHttps: bank.issuer.startsWith('https:') }))
    .get('/.well-known/bank-keys', (context) => context.json(publicKeysOf(bank)))
    .route('/', consolePages(bank))
  if (bank.isSimulator) app.route('/simulator', simulatorApi(bank))
  addOperation('enrol', bankOperations.enrol.body, enrolCard)
  addOperation('authorize', bankOperations.authorize.body, authorize)
  addOperation('inquire', bankOperations.inquire.body, inquire)
  addOperation('reverse', bankOperations.reverse.body, reverse)
  addOperation('capture', bankOperations.capture.body, capture)
  addOperation('refund', bankOperations.refund.body, refund)
  addOperation('void', bankOperations.void.body, voidHold)
  addOperation('limit', bankOperations.limit.body, setLimit)
  addOperation('allowance', bankOperations.allowance.body, allowance)
  addOperation('freeze', bankOperations.freeze.body, freezeCard)
  addOperation('unbind', bankOperations.unbind.body, unbindPasskey)
  addOperation('bind', bankOperations.bind.body, bindPasskey)
  addOperation('revoke', bankOperations.revoke.body, revokePasskey)
  addOperation('recover', bankOperations.recover.body, recoverCard)
  addOperation('undo', bankOperations.undo.body, undoRecovery)
  addOperation('standing', bankOperations.standing.body, cardStanding)
  addOperation('reseal', bankOperations.reseal.body, resealRecord)
  addOperation('statement', bankOperations.statement.body, statement)
  return app.onError(unlessBroken(problemResponse(bank.log))).notFound(routeUnknown)

  /** Parse, act, answer: the same for every operation. */
  function addOperation<B extends z.ZodType, O extends BankOperation>(operation: O, schema: B, act: Act<B, O>): void {
    app.post(bankOperations[operation].path, async (context) => {
      const text = await readText(context.req.raw, joseContentType)
      const { asker, body } = await readRequest(bank, operation, schema, text)
      const answer = await bank.mischief.answer(operation, {
        act: () => act(bank, asker.from, body),
        sign: (said, wrongly) => signAnswer(bank, asker, said, wrongly),
        signal: context.req.raw.signal,
        breakOff: () => breakOff(context),
      })
      return context.body(answer, 200, { 'content-type': joseContentType, 'cache-control': 'no-store' })
    })
  }
}

type Act<B extends z.ZodType, O extends BankOperation> = (
  bank: Bank,
  from: PaymentServer,
  body: z.output<B>,
) => Promise<BankAnswer<O>>

/** RFC 7517 §5, with `use` (§4.2) to tell the keys that answers are signed by from those that cards are sealed to. */
const publicKeysOf = ({ keys }: Bank) => ({
  keys: [
    ...[keys.signing, ...keys.formerSigning].map((key) => ({ ...key.publicJwk, use: 'sig', alg: 'ES256' })),
    ...keys.sealing.map((key) => ({ ...key.publicJwk, use: 'enc', alg: 'ECDH-ES' })),
  ],
})
