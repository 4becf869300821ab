import type { Study } from './format'

/** Its name says nothing of the sets: it may be seen in the middle of voting. */
export function saveVotes(study: Study): void {
  const json = `${JSON.stringify(study, null, 2)}\n`
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = `study-votes-${study.seed}.json`
  anchor.click()
  // The download has its own hold on the blob once it has begun, which is not before the click is handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
