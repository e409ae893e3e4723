import type { Page } from 'playwright-core'

/** A browser whose autofill knows nothing of passkeys; where it does, the reader of these phones answers each offer at once. */
export async function withoutAutofill(page: Page): Promise<void> {
  await page.addInitScript(forgetAutofill)
  await page.evaluate(forgetAutofill)
}

/** Runs in the page; an empty one is no secure context, and has no passkeys at all. */
function forgetAutofill(): void {
  if (isSecureContext) PublicKeyCredential.isConditionalMediationAvailable = async () => false
}
