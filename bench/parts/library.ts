/** Bytes of the library itself: what `npm run size` counts, of the package that `npm run build:lib` makes. */
import { spawnSync } from 'node:child_process'

export function measureLibrary(): number {
  npm('build:lib', 0)
  const found = /([\d,]+) bytes are (?:within|ABOVE)/.exec(npm('size', 1))
  if (!found)
    throw new Error('npm run size no longer ends on "… bytes are within the limit". See bench/parts/library.ts.')
  return Number(found[1]?.replaceAll(',', ''))
}

/** `worst`: the highest exit status that is no failure; `size` ends with 1 above its limit. */
function npm(script: string, worst: number): string {
  const options = { encoding: 'utf8', shell: process.platform === 'win32' } as const
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], options)
  if (status === null || status > worst) throw new Error(`npm run ${script} failed:\n${stdout}${stderr}`)
  return stdout
}
