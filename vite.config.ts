import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import preact from '@preact/preset-vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const page = (path: string) => fileURLToPath(new URL(`web/${path}`, import.meta.url))
const paymentServer = `http://127.0.0.1:${process.env.PAYMENT_PORT ?? '4410'}`

// Tests run from the repository's root and never need the pages' build.
export default defineConfig(
  process.env.VITEST === undefined
    ? {
        root: 'web',
        plugins: [
          preact({ prefreshEnabled: false, devToolsEnabled: false }),
          plainDynamicImports(),
          serviceWorkerAssets(),
        ],
        build: {
          outDir: '../dist/web',
          emptyOutDir: true,
          target: 'es2022',
          // Inlined data would need `data:` in more places of the Content-Security-Policy.
          assetsInlineLimit: 0,
          modulePreload: {
            polyfill: false,
            resolveDependencies: (_file, scripts, { hostType }) => (hostType === 'html' ? scripts : []),
          },
          cssCodeSplit: false,
          rolldownOptions: {
            // Absolute: the build takes these from the repository's root, the development server from `root`.
            input: {
              moniker: page('index.html'),
              console: page('console.html'),
              sw: page('service-worker/service-worker.ts'),
              button: page('button/moniker-button.ts'),
            },
            // Others know these two by their names.
            output: {
              entryFileNames: ({ name }) =>
                ['sw', 'button'].includes(name) ? `${name}.js` : 'assets/[name]-[hash].js',
            },
          },
        },
        server: {
          allowedHosts: ['pay.localhost'],
          proxy: { '/api': paymentServer, '/v1': paymentServer },
        },
      }
    : { test: { include: ['test/**/*.test.ts', 'test/**/*.test.tsx'] } },
)

/** The build's styles are one file and its scripts are cached together: an `import()` has nothing to wait for but itself. */
function plainDynamicImports(): Plugin {
  return {
    name: 'plain-dynamic-imports',
    apply: 'build',
    enforce: 'pre',
    load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load()' : null),
  }
}

/** A phone that pays keeps nothing of merchants' console. */
const isOfPayers = (name: string): boolean =>
  name.startsWith('assets/') && !name.startsWith('assets/console') && !name.endsWith('.map')

/**
 * Tells the service worker what it keeps of this build, and page and worker what the build is called: a hash of all that is kept. Names of assets
 * carry their own hash; the page that begins with them, the shell, is known by its text.
 */
function serviceWorkerAssets(): Plugin {
  return {
    name: 'service-worker-assets',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle['sw.js']
        const shell = bundle['index.html']
        if (worker?.type !== 'chunk' || shell?.type !== 'asset') throw new Error('the build made no service worker')
        if (worker.imports.length > 0) throw new Error('the service worker must be one file')
        const assets = Object.keys(bundle).filter((name) => isOfPayers(name))
        const kept = JSON.stringify([assets.toSorted(), `${shell.source}`])
        const build = sha256(kept, 'hex').slice(0, 16)
        shell.source = `${shell.source}`.replaceAll('__BUILD__', build)
        worker.code = worker.code
          .replaceAll('__ASSETS__', JSON.stringify(assets.map((name) => `/${name}`)))
          .replaceAll('__SHELL_INTEGRITY__', JSON.stringify(`sha256-${sha256(shell.source, 'base64')}`))
          .replaceAll('__BUILD__', JSON.stringify(build))
      },
    },
  }
}

const sha256 = (text: string, encoding: 'hex' | 'base64') => createHash('sha256').update(text).digest(encoding)
