import { EngineError, shown } from '../errors'

/**
 * Looks at the functions and the signal that an app hands over: in JavaScript no type keeps them right. A signal may be of
 * another frame, or of a library that stands in for the browser's.
 *
 * @throws EngineError 'InvalidRequest' for those that are none.
 */
export function checkGiven(given: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(given)) {
    const { addEventListener, aborted } = Object(value) as Partial<AbortSignal>
    const fits = option === 'signal' ? addEventListener && typeof aborted === 'boolean' : typeof value === 'function'
    if (!fits && value !== undefined && value !== null) {
      const kind = option === 'signal' ? 'an AbortSignal' : 'a function'
      throw new EngineError('InvalidRequest', `The option '${option}' is ${shown(value)}. Give ${kind}.`)
    }
  }
}
