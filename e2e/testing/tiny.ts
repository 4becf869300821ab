import { readFileSync } from 'node:fs'

/** Of one file of the tiny model, or of all. */
export function tinyBytes(wanted?: string): number {
  const { files } = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as {
    files: { path: string; bytes: number }[]
  }
  return files.reduce((sum, { path, bytes: size }) => (wanted && path !== wanted ? sum : sum + size), 0)
}
