import { downloadZip } from 'client-zip'

/** Not compressed: pictures are already. */
export async function zipOf(files: readonly (readonly [name: string, content: BlobPart])[]): Promise<Blob> {
  const zip = downloadZip(
    files.map(([name, content]) => ({ name, input: new Blob([content]), lastModified: new Date() })),
  )
  return new Blob([await zip.blob()], { type: 'application/zip' })
}
