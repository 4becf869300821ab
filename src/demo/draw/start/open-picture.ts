import { extent } from '../../shared/words'

/** A browser's own limit for canvases is near it. */
const mostPixels = 64_000_000
const mostBytes = 100_000_000

/**
 * A file as something that a canvas can draw: turned as its EXIF says, the first picture of an animated one.
 *
 * @throws Error that says in words what is wrong with the file.
 */
export async function openPicture(file: Blob): Promise<HTMLImageElement> {
  if (file.size === 0) throw new Error('That file is empty. Choose a picture.')
  if (file.size > mostBytes) throw new Error('That file has more than 100 MB. Make the picture smaller first.')
  const address = URL.createObjectURL(file)
  const image = new Image()
  image.src = address
  try {
    await image.decode()
  } catch {
    const kind = file.type || 'a file of unknown kind'
    throw new Error(`This browser cannot read that as a picture (${kind}). Save it as PNG or JPEG and try again.`)
  } finally {
    URL.revokeObjectURL(address)
  }
  const { naturalWidth: width, naturalHeight: height } = image
  if (width === 0 || height === 0) throw new Error('That picture has no size of its own. Save it as PNG and try again.')
  if (width * height > mostPixels) {
    throw new Error(`That picture has ${extent(width, height)} pixels. Make it smaller than 8000 × 8000 first.`)
  }
  return image
}

/** The first picture among what was pasted or dropped; undefined where there is none. */
export function pictureFile(data: DataTransfer | null): File | undefined {
  const files = [...(data?.files ?? [])]
  return files.find(({ type }) => type.startsWith('image/')) ?? files[0]
}
