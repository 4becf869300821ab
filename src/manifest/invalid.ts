import { EngineError } from '../errors'

/** Writes manifest.json; named by every error that a model's author can act on. */
export const EXPORT_COMMAND = 'python -m training.export'

/** `field` by its path, such as `denoiser.output`; the problem and the remedy without their full stops. */
export function invalidManifest(field: string, problem: string, remedy?: string): EngineError {
  const both = remedy ?? `Correct that field, or export the model again with \`${EXPORT_COMMAND}\``
  return new EngineError('InvalidManifest', `manifest.json, ${field}: ${problem}. ${both}.`)
}
