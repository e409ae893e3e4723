import { html } from 'hono/html'
import type { Language } from '../../runtime/accepted-language.ts'

type PageOptions = { readonly language?: Language; readonly scripts?: unknown }

/** What every page of the bank begins with. */
export const htmlPage = (
  title: string,
  body: unknown,
  { language = 'en', scripts = '' }: PageOptions = {},
) => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="/bank.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/console.css">
    ${scripts}
  </head>
  <body>${body}</body>
</html>`
