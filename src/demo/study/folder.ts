/** A folder from the disk, chosen or dropped. */

import type { ReadFile } from './sets'

/** Files by their path, the folder's own name in front. */
export type FolderFiles = ReadonlyMap<string, File>

export function chosenFiles(files: Iterable<File>): FolderFiles {
  return new Map([...files].map((file) => [file.webkitRelativePath || file.name, file]))
}

/** Call it within the drop event: the items are gone afterwards. */
export async function droppedFiles(items: Iterable<DataTransferItem>): Promise<FolderFiles> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const found = new Map<string, File>()
  for (const entry of entries) await collect(entry, '', found)
  return found
}

async function collect(entry: FileSystemEntry, folder: string, found: Map<string, File>): Promise<void> {
  const path = folder + entry.name
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry
    found.set(path, await new Promise<File>((resolve, reject) => file.file(resolve, reject)))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A call gives a hundred entries at most; an empty answer ends the list.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    for (const child of batch) await collect(child, `${path}/`, found)
  }
}

/** Reads relative to the one set.json that is nearest to the top. @throws Error if there is none, or more than one. */
export function folderReader(files: FolderFiles): ReadFile {
  const found = [...files.keys()].filter((path) => /(^|\/)set\.json$/.test(path))
  const depth = (path: string): number => path.split('/').length
  const least = Math.min(...found.map(depth))
  const [json, another] = found.filter((path) => depth(path) === least)
  if (json === undefined) throw new Error('The folder holds no set.json. scripts/study-set.ts writes one.')
  if (another !== undefined) throw new Error('The folder holds more than one set. Give one of the folders in it.')
  const folder = json.slice(0, -'set.json'.length)
  return async (path) => {
    const file = files.get(folder + path)
    if (!file) throw new Error(`${path} is missing in the folder.`)
    return new Uint8Array(await file.arrayBuffer())
  }
}
