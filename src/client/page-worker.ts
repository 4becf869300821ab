/** Takes the place of built-in-worker.ts in the build for pages without a bundler, where all files lie in one folder. */
const script = 'worker.js'
let imported: string | undefined

/**
 * A browser starts no worker from another origin, but one of the page's own origin may import from there, where that
 * allows it by CORS. Relative addresses and fetches in the imported script stay beside it.
 */
export function builtInWorker(): Worker {
  const { href, origin } = new URL(script, import.meta.url)
  if (origin !== location.origin) {
    // One for all workers of a page: it is as small as it looks, and freed with the page.
    imported ??= URL.createObjectURL(new Blob([`import ${JSON.stringify(href)}`], { type: 'text/javascript' }))
  }
  return new Worker(imported ?? href, { type: 'module', name: 'scalewise' })
}
