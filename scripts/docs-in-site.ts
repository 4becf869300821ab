import { cpSync, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Where `npm run docs` leaves the documents. */
const folder = 'dist-docs'
const script = resolve('src/demo/docs/document-page.ts')

/**
 * The documents as a part of the built site, below `docs/`, with the script that they share with the demo's own: engine and
 * runtime are there once. Where `npm run docs` has not run, the site has none, and no link to them.
 */
export function docs(): Plugin {
  const there = existsSync(`${folder}/index.html`)
  let serving = false
  let outDir = ''
  return {
    name: 'docs-in-site',
    config: (_, { command }) => {
      serving = command === 'serve'
      if (serving || !there) return undefined
      return {
        build: {
          rolldownOptions: {
            input: [script],
            output: {
              // A name that documents can know.
              entryFileNames: ({ facadeModuleId }) =>
                facadeModuleId === script ? 'docs/docs.js' : 'assets/[name]-[hash].js',
            },
          },
        },
      }
    },
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    transformIndexHtml: (html) => (there && !serving ? html : html.replace(/ *<a href="\.\/docs\/[^<]*<\/a>\n/g, '')),
    writeBundle() {
      if (there) cpSync(folder, resolve(outDir, 'docs'), { recursive: true })
    },
  }
}
