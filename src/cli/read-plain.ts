import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * Reads a file of at most so many bytes. What is no plain file, such as a pipe or a device, might never end, and a program
 * that waits for one hears no signal. Throws an error whose message follows on the file's name, such as `is no plain file`.
 */
export async function readPlain(path: string, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  let problem = 'could not be read'
  try {
    // Not blocking: opening a pipe would wait for its writer.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const { size, isPlain } = await file.stat().then((found) => ({ size: found.size, isPlain: found.isFile() }))
      if (!isPlain) problem = 'is no plain file'
      else if (size > mostBytes) problem = `has ${size} bytes, more than the ${mostBytes} that it may have`
      // A copy of its own: small files come as views of a buffer that Node shares.
      else return new Uint8Array(await file.readFile())
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new Error(problem, { cause })
  }
  throw new Error(problem)
}
