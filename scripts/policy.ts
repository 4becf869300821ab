import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** The policy that hosts send which read public/_headers. */
export function headerPolicy(): string {
  const [, policy] = /Content-Security-Policy: (.*)/.exec(readFileSync('public/_headers', 'utf8')) ?? []
  if (!policy) throw new Error('public/_headers has no Content-Security-Policy.')
  return policy
}

/**
 * The same for a page to carry itself: most hosts send no headers of a site's own. Without what works in a header alone,
 * and open for models of any host, which a header could not allow any more.
 */
export function pagePolicy(): string {
  const directives = headerPolicy().split('; ')
  return directives
    .filter((directive) => !directive.startsWith('frame-ancestors'))
    .map((directive) => (directive.startsWith('connect-src') ? 'connect-src * blob: data:' : directive))
    .join('; ')
}

export function policy(): Plugin {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: pagePolicy() }
  // First, so that it holds for whatever follows.
  return {
    name: 'policy',
    apply: 'build',
    transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }],
  }
}
