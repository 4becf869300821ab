import { EngineError } from '../../errors'

/** A file as the manifest promises it. */
export interface ExpectedFile {
  readonly path: string
  readonly bytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** False outside https and localhost, where browsers offer no hashing. */
export function canVerify(): boolean {
  return globalThis.crypto?.subtle !== undefined
}

/** Lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Compares length and hash with the promised ones; where hashing is missing, only the length.
 *
 * @throws EngineError 'CorruptFile'.
 */
export async function verify(bytes: Uint8Array<ArrayBuffer>, file: ExpectedFile, source: string): Promise<void> {
  if (bytes.length !== file.bytes) throw corrupt(file, source, `${bytes.length} bytes, expected ${file.bytes}`)
  if (!canVerify()) return
  const found = await sha256(bytes)
  if (found !== file.sha256) throw corrupt(file, source, `sha256 ${found}, expected ${file.sha256}`)
}

export function corrupt(file: ExpectedFile, source: string, found: string): EngineError {
  return new EngineError(
    'CorruptFile',
    `${file.path} from ${source} is not the file that the manifest describes: ${found}. Nothing of it was kept; try ` +
      'again, or upload the model once more.',
  )
}

/** @throws EngineError 'OutOfMemory' where there is no memory for it. */
export async function allocate(file: ExpectedFile): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(file.bytes)
  } catch (cause) {
    throw (await import('./no-memory')).noMemory(file, cause)
  }
}
