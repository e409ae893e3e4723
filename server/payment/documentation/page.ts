import { html } from 'hono/html'

/** One page for people who write programs: plain, and in English only. */
export const page = (title: string, body: unknown) => html`<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} – Moniker</title>
    <link rel="stylesheet" href="/problems/style.css">
  </head>
  <body><main>${body}</main></body>
</html>`
