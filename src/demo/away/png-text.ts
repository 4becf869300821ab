import { isPng, readPngChunks, writeChunks } from './png-chunks'

/** Longer ones are not ours; a file may say anything. */
const mostBytes = 20_000

/** The PNG with a text under a keyword (1 to 79 Latin letters), in an iTXt chunk: UTF-8, not compressed. */
export async function withText(png: Blob, keyword: string, text: string): Promise<Blob> {
  const [header, ...rest] = readPngChunks(new Uint8Array(await png.arrayBuffer()))
  if (!header) return png
  // After the keyword: its end, not compressed, method 0, no language, no translated keyword.
  const data = new TextEncoder().encode(`${keyword}\0\0\0\0\0${text}`)
  return new Blob([writeChunks([header, { type: 'iTXt', data }, ...rest])], { type: 'image/png' })
}

/** The text that `withText` put there; undefined where there is none, in a file of any kind. */
export async function textOf(file: Blob, keyword: string): Promise<string | undefined> {
  const start = new Uint8Array(await file.slice(0, 8).arrayBuffer())
  if (!isPng(start)) return undefined
  try {
    const begins = `${keyword}\0\0\0\0\0`
    for (const { type, data } of readPngChunks(new Uint8Array(await file.arrayBuffer()))) {
      if (type !== 'iTXt' || data.length > mostBytes) continue
      const text = new TextDecoder().decode(data)
      if (text.startsWith(begins)) return text.slice(begins.length)
    }
  } catch {
    // Cut short: whoever opens the picture says so.
  }
  return undefined
}
