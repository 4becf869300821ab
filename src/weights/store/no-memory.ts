import { EngineError } from '../../errors'

export function noMemory({ path, bytes }: { path: string; bytes: number }, cause: unknown): EngineError {
  const message = `${path} has ${bytes} bytes, more than this browser gives a page. Use a smaller model.`
  return new EngineError('OutOfMemory', message, { cause })
}
