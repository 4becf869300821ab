import { type Chunk, readPngChunks, writeChunks } from './png-chunks'

export interface ApngFrame {
  readonly png: Uint8Array
  readonly milliseconds: number
}

/**
 * An animation that repeats for ever (https://www.w3.org/TR/png-3/#apng-frame-based-animation), of PNG files of one size
 * and form. `still` is what programs show that know no APNG. (No package that writes APNG is kept.)
 *
 * @throws Error where the files are not of one size and form.
 */
export function apngOf(still: Uint8Array, frames: readonly ApngFrame[]): Uint8Array<ArrayBuffer> {
  const [header, ...rest] = readPngChunks(still)
  if (!header) throw new Error('The still picture is empty.')
  const { width, height } = sizeOf(header)
  const control = numbers(8, (view) => view.setUint32(0, frames.length)) // 0 plays: for ever.
  let sequence = 0
  const animation = frames.flatMap(({ png, milliseconds }): Chunk[] => {
    const [own, ...chunks] = readPngChunks(png)
    if (!own || own.data.join() !== header.data.join()) {
      throw new Error('This browser wrote the frames in different forms. Save the PNG instead.')
    }
    const frame = numbers(26, (view) => {
      view.setUint32(0, sequence++)
      view.setUint32(4, width)
      view.setUint32(8, height)
      view.setUint16(20, milliseconds)
      view.setUint16(22, 1000)
      // Dispose 0 and blend 0: each frame replaces all of the one before.
    })
    const pixels = chunks
      .filter(({ type }) => type === 'IDAT')
      .map(({ data }) => {
        const numbered = new Uint8Array(4 + data.length)
        new DataView(numbered.buffer).setUint32(0, sequence++)
        numbered.set(data, 4)
        return { type: 'fdAT', data: numbered }
      })
    return [{ type: 'fcTL', data: frame }, ...pixels]
  })
  const end = rest.findIndex(({ type }) => type === 'IEND')
  return writeChunks([header, { type: 'acTL', data: control }, ...rest.slice(0, end), ...animation, ...rest.slice(end)])
}

function sizeOf({ data }: Chunk): { readonly width: number; readonly height: number } {
  const view = new DataView(data.buffer, data.byteOffset)
  return { width: view.getUint32(0), height: view.getUint32(4) }
}

function numbers(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length)
  write(new DataView(bytes.buffer))
  return bytes
}
