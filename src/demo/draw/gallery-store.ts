import { createStore, delMany, get, keys, setMany, type UseStore, values } from 'idb-keyval'
import type { GenerateResult, Picture, ScaleEvent } from '../../index'
import type { Drawn } from './easel'
import { formatLink, type Recipe } from './link'
import type { Start } from './start/start-panel'

/** One kept picture: what draws it again, and what every scale drew, packed. */
export interface KeptPicture {
  /** The link of the recipe and the model's address: the same picture is kept once. */
  readonly key: string
  /** Milliseconds since 1970. */
  readonly keptAt: number
  readonly recipe: Recipe
  /** All but the pictures. */
  readonly result: Omit<GenerateResult, 'image' | 'images'>
  /** All but the previews; coarse to fine. */
  readonly scales: readonly Omit<ScaleEvent, 'previews'>[]
  /** The preview of each scale, then the finished picture. */
  readonly pictures: readonly PackedPicture[]
  /** What it began from, where that was not noise. */
  readonly start?: { readonly strength: number; readonly picture: PackedPicture; readonly varied?: boolean | undefined }
  /** Name and version of the model that drew it. */
  readonly model?: string
}

/** RGBA bytes, deflated: PNG by way of a canvas would lose colours of half transparent pixels. */
interface PackedPicture {
  readonly width: number
  readonly height: number
  readonly bytes: ArrayBuffer
}

let store: UseStore | undefined
const database = (): UseStore => {
  store ??= createStore('scalewise-gallery', 'pictures')
  return store
}

/** What a list of pictures needs to know of one, without its pictures: those of hundreds take long to read. */
export interface KeptEntry extends Pick<KeptPicture, 'key' | 'keptAt' | 'recipe'> {
  /** It began from a picture. */
  readonly started: boolean
  /** Bytes that its pictures take. */
  readonly room: number
}

let index: UseStore | undefined
/** A database of its own: an open tab of an older version reads all that is beside the pictures as pictures. */
const entries = (): UseStore => {
  index ??= createStore('scalewise-gallery-index', 'entries')
  return index
}

export function entryOf(kept: KeptPicture): KeptEntry {
  const { key, keptAt, recipe, start } = kept
  return { key, keptAt, recipe, started: start !== undefined, room: room(kept) }
}

const written = (all: readonly KeptPicture[]): Promise<void> =>
  setMany(
    all.map((kept) => [kept.key, entryOf(kept)]),
    entries(),
  )

/** Oldest first. What the list lacks, of an older version or of a page that was closed in between, is added to it. */
export async function keptEntries(): Promise<KeptEntry[]> {
  const all = new Set(await keys<string>(database()))
  const known = new Map((await values<KeptEntry>(entries())).map((entry) => [entry.key, entry]))
  const gone = [...known.keys()].filter((key) => !all.has(key))
  for (const key of gone) known.delete(key)
  if (gone.length > 0) await delMany(gone, entries())
  for (const key of all) {
    if (known.has(key)) continue
    const kept = await keptPicture(key) // One by one: together they may be more than there is memory for.
    if (!kept) continue
    await written([kept])
    known.set(key, entryOf(kept))
  }
  return [...known.values()].sort((one, other) => one.keptAt - other.keptAt)
}

export function keptPicture(key: string): Promise<KeptPicture | undefined> {
  return get<KeptPicture>(key, database())
}

/** Writes all of them in one transaction. */
export async function keepPictures(kept: readonly KeptPicture[]): Promise<void> {
  await setMany(
    kept.map((one) => [one.key, one]),
    database(),
  )
  await written(kept)
}

export async function forgetPictures(gone: readonly string[]): Promise<void> {
  await delMany([...gone], database())
  await delMany([...gone], entries())
}

/** The bytes that the pictures of one take. */
function room({ pictures, start }: KeptPicture): number {
  return pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, start?.picture.bytes.byteLength ?? 0)
}

/** Each picture of a finished request by itself, with its own seed. */
export async function packDrawn(drawn: Drawn, model: string): Promise<KeptPicture[]> {
  const { recipe, result, scales, start } = drawn
  const { image: _, images, ...rest } = result
  const began = start && { strength: start.strength, picture: await pack(start.image), varied: start.varied }
  const from = start ? ` from ${fingerprint(start)}` : ''
  return Promise.all(
    images.map(async (image, index) => {
      const seed = result.seeds[index] ?? result.seed
      const own: Recipe = { ...recipe, seed, count: 1 }
      const shown = scales.flatMap(({ previews }) => previews[index] ?? [])
      return {
        key: `${model} ${formatLink(own)}${from}`,
        keptAt: Date.now() + index,
        recipe: own,
        result: { ...rest, seed, seeds: [seed] },
        // A scale without a preview has nothing to look at again.
        scales: scales.filter(({ previews }) => previews[index]).map(({ previews: __, ...scale }) => scale),
        pictures: await Promise.all([...shown, image].map(pack)),
        ...(began && { start: began }),
        ...(drawn.model && { model: drawn.model }),
      }
    }),
  )
}

export async function unpackDrawn(kept: KeptPicture): Promise<Drawn> {
  const { recipe, result, scales, pictures, start, model } = kept
  const all = await Promise.all(pictures.map(unpack))
  const image = all.at(-1)
  if (!image) throw new Error('This picture was not kept whole. Draw it again from its words and its seed.')
  return {
    recipe,
    result: { ...result, image, images: [image] },
    scales: scales.map((scale, index) => ({ ...scale, previews: all.slice(index, index + 1) })),
    ...(start && {
      start: { strength: start.strength, image: await unpack(start.picture), varied: start.varied },
    }),
    model,
  }
}

/** The finished picture alone. */
export async function unpackFinished({ pictures }: KeptPicture): Promise<Picture | undefined> {
  const last = pictures.at(-1)
  return last && unpack(last)
}

/** FNV-1a of the pixels, so that one doodle's pictures stand beside another's of the same words and seed. */
function fingerprint({ image, strength }: Start): string {
  let hash = 0x811c9dc5
  for (const byte of image.data) hash = Math.imul(hash ^ byte, 0x01000193)
  return `${(hash >>> 0).toString(16)} at ${strength}`
}

async function pack({ width, height, data }: Picture): Promise<PackedPicture> {
  return { width, height, bytes: await through(data, new CompressionStream('deflate-raw')) }
}

async function unpack({ width, height, bytes }: PackedPicture): Promise<Picture> {
  return { width, height, data: new Uint8ClampedArray(await through(bytes, new DecompressionStream('deflate-raw'))) }
}

function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer()
}
