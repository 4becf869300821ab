/** Served to tests alone, never built: the library as an app imports it, within reach of `page.evaluate`. */
import * as scalewise from '../../src/index'

declare global {
  interface Window {
    scalewise: typeof scalewise
    engine: scalewise.Engine
    /** Whether the model was whole each time that the browser was asked to keep it. */
    asked: boolean[]
    /** Resolves to what a failing call failed with, and throws if it did not fail. */
    failure(work: Promise<unknown>): Promise<{ name: string; message: string }>
  }
}

window.scalewise = scalewise
window.failure = (work) =>
  work.then(
    () => {
      throw new Error('The call was expected to fail and did not.')
    },
    (error: Error) => ({ name: error.name, message: error.message }),
  )
