import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from './arguments'
import { diskProblem } from './disk-problem'

/** What a picture will need at most, roughly: asked of the disk before anything is drawn. */
const RESERVED_BYTES = 64 * 1024

/**
 * A file that appears under its name only once it is whole: written beside, flushed, renamed. Opened before the picture is
 * drawn, so that what is wrong with the path or the disk is told before the work.
 */
export class PictureFile {
  static readonly #fragments = new Set<string>()
  readonly path: string
  readonly #beside: string
  readonly #overwrite: boolean
  #file: number | undefined

  private constructor(path: string, overwrite: boolean) {
    this.path = path
    this.#overwrite = overwrite
    this.#beside = `${path}.${randomBytes(4).toString('hex')}.part`
  }

  /** Throws `UsageError` for a path that cannot be written, is a folder, or exists and may not be overwritten. */
  static open(path: string, overwrite: boolean): PictureFile {
    const file = new PictureFile(path, overwrite)
    try {
      file.#checkTarget()
      mkdirSync(dirname(path), { recursive: true })
      file.#file = openSync(file.#beside, 'wx')
      PictureFile.#fragments.add(file.#beside)
      writeAll(file.#file, Buffer.alloc(RESERVED_BYTES))
    } catch (error) {
      file.close()
      throw refused(path, error)
    }
    return file
  }

  /** Removes what is not whole; for the end of the program, hence at once. */
  static removeFragments(): void {
    for (const fragment of PictureFile.#fragments) rmSync(fragment, { force: true })
    PictureFile.#fragments.clear()
  }

  async write(bytes: Uint8Array): Promise<void> {
    const file = this.#file
    if (file === undefined) throw new Error(`${this.path} is closed.`)
    try {
      closeSync(file)
      this.#file = openSync(this.#beside, 'w')
      writeAll(this.#file, bytes)
      fsyncSync(this.#file)
      if (this.#overwrite) renameSync(this.#beside, this.path)
      else this.#appear()
    } catch (error) {
      throw refused(this.path, error)
    } finally {
      this.close()
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    if (PictureFile.#fragments.delete(this.#beside)) rmSync(this.#beside, { force: true })
  }

  /** A file that came while this was drawn is kept as well: a link never replaces one. */
  #appear(): void {
    try {
      linkSync(this.#beside, this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
      // Some disks have no links.
      this.#checkTarget()
      renameSync(this.#beside, this.path)
    }
  }

  #checkTarget(): void {
    const found = statSync(this.path, { throwIfNoEntry: false })
    if (found?.isDirectory()) throw new UsageError(`${this.path} is a folder. Give the name of a .png file.`)
    // A link that leads nowhere takes the name as well.
    const taken = found ?? lstatSync(this.path, { throwIfNoEntry: false })
    if (taken && !this.#overwrite) throw exists(this.path)
  }
}

/** A disk that fills up takes a part of it first. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

function exists(path: string): UsageError {
  return new UsageError(`${path} exists already and is kept. Give another name, or --overwrite.`)
}

function refused(path: string, error: unknown): UsageError {
  if (error instanceof UsageError) return error
  if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (error as NodeJS.ErrnoException).syscall !== 'mkdir') {
    return exists(path)
  }
  const problem = diskProblem(error) ?? (error as Error).message
  return new UsageError(`${path} cannot be written: ${problem}.`)
}
