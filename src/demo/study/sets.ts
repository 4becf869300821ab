import { pageWaits } from '../shared/page-waits'
import { type PairKey, parseJson, parseSet, type SetFile } from './format'

export interface SetPicture extends PairKey {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A set with its pictures in memory: some megabytes, so that showing a pair waits for nothing. */
export interface PictureSet {
  readonly name: string
  /** Of set.json. */
  readonly sha256: string
  readonly pictures: readonly SetPicture[]
}

/** Gives the bytes of a file by its path in the set's folder. */
export type ReadFile = (path: string) => Promise<Uint8Array<ArrayBuffer>>

/**
 * Reads a set and all its pictures. `decode` rejects for what is no picture.
 *
 * @throws Error naming the wrong field or the file that is missing, is not the one that was hashed, or is no picture.
 */
export async function readSet(
  read: ReadFile,
  decode: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> = decodePicture,
): Promise<PictureSet> {
  const json = await read('set.json')
  const set = parseSet(parseJson(new TextDecoder().decode(json), 'set.json'))
  const pictures = await Promise.all(set.pictures.map((entry, i) => readPicture(entry, i, read, decode)))
  return { name: set.name, sha256: await fileHash(json), pictures }
}

async function readPicture(
  { prompt, seed, file, sha256: expected }: SetFile['pictures'][number],
  index: number,
  read: ReadFile,
  decode: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<SetPicture> {
  const bytes = await read(file)
  const field = `set.json, pictures.${index}`
  if (expected !== undefined && (await fileHash(bytes)) !== expected) {
    throw new Error(`${field}.sha256: ${file} has changed since the set was made. Make the set again.`)
  }
  await decode(bytes).catch((cause: unknown) => {
    throw new Error(`${field}.file: ${file} is not a picture that this browser can read.`, { cause })
  })
  return { prompt, seed, bytes }
}

async function decodePicture(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const decoded = await createImageBitmap(new Blob([bytes]))
  decoded.close()
}

/** A set that lies on this site. `address` is that of its set.json. @throws Error as `readSet` does. */
export async function fetchSet(address: string): Promise<PictureSet> {
  const json = new URL(address, document.baseURI)
  if (json.origin !== location.origin) throw new Error(`${json.href} is on another site. Give an address of this one.`)
  return readSet(async (path) => {
    const url = path === 'set.json' ? json : new URL(path, json)
    const response = await fetch(url, { signal: AbortSignal.timeout(pageWaits.studyPictureMs) }).catch(
      (cause: unknown) => {
        throw new Error(`${url.href} could not be loaded.`, { cause })
      },
    )
    if (!response.ok) throw new Error(`${url.href} could not be loaded: status ${response.status}.`)
    return new Uint8Array(await response.arrayBuffer())
  })
}

/** @throws Error where the page has no secure context. */
export async function fileHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new Error('Hashing needs https or localhost. Open the page there.')
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
