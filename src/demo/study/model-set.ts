import { type BackendName, createEngine } from '../../index'
import { toPng } from '../shared/picture'
import { formatSet, type PairKey, setFileName } from './format'
import { fileHash, type PictureSet } from './sets'

export interface DrawOptions {
  /** Address of a manifest.json or of its folder, relative to the page. */
  readonly model: string
  readonly backend: 'auto' | BackendName
  readonly pictures: readonly PairKey[]
  readonly signal: AbortSignal
  /** How many pictures are drawn; 0 while the model loads. */
  readonly onProgress: (drawn: number) => void
}

/** Draws a set in this page. Rejects as `createEngine` and `generate` do. */
export async function drawSet({ model, backend, pictures, signal, onProgress }: DrawOptions): Promise<PictureSet> {
  onProgress(0)
  const engine = await createEngine({ model, backend, signal })
  try {
    const drawn: Uint8Array<ArrayBuffer>[] = []
    for (const { prompt, seed } of pictures) {
      const { image } = await engine.generate({ prompt, seed: BigInt(seed), preview: 'none', signal })
      const png = await toPng(image)
      drawn.push(new Uint8Array(await png.arrayBuffer()))
      onProgress(drawn.length)
    }
    const name = `${engine.model.name} ${engine.model.version}`
    return await nameSet(name, pictures, drawn)
  } finally {
    await engine.dispose()
  }
}

/** The hash is that of the set.json that scripts/study-set.ts would write for the same pictures. */
async function nameSet(
  name: string,
  keys: readonly PairKey[],
  files: readonly Uint8Array<ArrayBuffer>[],
): Promise<PictureSet> {
  const pictures = await Promise.all(
    keys.map(async (key, i) => {
      const bytes = files[i] as Uint8Array<ArrayBuffer>
      return { ...key, file: setFileName(i), sha256: await fileHash(bytes), bytes }
    }),
  )
  const entries = pictures.map(({ bytes: _, ...entry }) => entry)
  const json = formatSet({ format: 1, name, pictures: entries })
  return {
    name,
    sha256: await fileHash(new TextEncoder().encode(json)),
    pictures: pictures.map(({ prompt, seed, bytes }) => ({ prompt, seed, bytes })),
  }
}
