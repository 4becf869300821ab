import { readFileSync } from 'node:fs'
import license, { type Dependency } from 'rollup-plugin-license'
import type { Plugin } from 'vite'

const FILE = 'licences.txt'

/** Holders of the copyright where a package under the MIT licence ships no text of it. */
const HOLDERS: Readonly<Record<string, string>> = { 'onnxruntime-web': 'Microsoft Corporation' }

/** Notices of what a package holds of others, beside its own. */
const HELD: Readonly<Record<string, string>> = {
  '@jsquash/webp': 'node_modules/@jsquash/webp/codec/LICENSE.codec.md', // libwebp
}

/**
 * Ships `licences.txt` with a built site: the notices of all that is bundled, which their licences ask for. The first
 * plugin is for the page and for its worker alike, each of which knows its own packages alone; the second for the page,
 * which is built last.
 *
 * @throws Error for a package without a licence text.
 */
export function licences(): { readonly collect: Plugin; readonly ship: Plugin } {
  const notices = new Map<string, string>()
  const collect = license({
    thirdParty: {
      includeSelf: false,
      output: (found) => {
        for (const each of found) notices.set(`${each.name} ${each.version}`, notice(each))
      },
    },
  })
  return {
    // It speaks Rollup's types, which Vite's plugins share but for newer hooks.
    collect: collect as unknown as Plugin,
    ship: {
      name: 'ship-licences',
      apply: 'build',
      // Only there, since only there is the file.
      transformIndexHtml: (html) => html.replace('</footer>', `  <a href="./${FILE}">Licences</a>\n    </footer>`),
      generateBundle() {
        const source = [...notices.keys()].sort().map((name) => notices.get(name))
        this.emitFile({ type: 'asset', fileName: FILE, source: source.join(`\n${'-'.repeat(80)}\n\n`) })
      },
    },
  }
}

function notice({ name, version, license: kind, licenseText, repository }: Dependency): string {
  const holder = HOLDERS[name ?? '']
  const text = licenseText ?? (kind === 'MIT' && holder ? mit(holder) : undefined)
  if (!text) throw new Error(`${name} is bundled and ships no licence text. Name its holder in scripts/licences.ts.`)
  const from = typeof repository === 'object' ? repository?.url : repository
  const held = HELD[name ?? '']
  const texts = held === undefined ? [text] : [text, readFileSync(held, 'utf8')]
  return `${name} ${version} (${kind})\n${from ?? ''}\n\n${texts.map((each) => each.trim()).join('\n\n')}\n`
}

function mit(holder: string): string {
  return `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}
