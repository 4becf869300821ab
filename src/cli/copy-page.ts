import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CopyError, isTaken } from './copy-model'
import { diskProblem } from './disk-problem'

/** Of the package: dist-lib/page beside dist-lib/cli. */
const PAGE = fileURLToPath(new URL('../page', import.meta.url))
/** A folder that holds these is an older copy. */
const OURS = ['scalewise.js', 'worker.js', 'licences.txt']

/**
 * Copies the build for pages without a bundler, in place of an older copy. Returns the folder.
 *
 * @throws CopyError where the folder holds something else, or the disk refuses.
 */
export function copyPage(folder: string, from: string = PAGE): string {
  if (isTaken(folder) && !OURS.every((name) => existsSync(join(folder, name)))) {
    throw new CopyError(`${folder} is there and holds no copy. Give another folder, or move it away.`)
  }
  try {
    // Its files have other names in every release.
    rmSync(folder, { recursive: true, force: true })
    cpSync(from, folder, { recursive: true })
    return folder
  } catch (error) {
    const problem = diskProblem(error)
    if (!problem) throw error
    throw new CopyError(`${folder} cannot be written: ${problem}.`, { cause: error })
  }
}
