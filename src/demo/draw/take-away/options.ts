import type { Easel } from '../easel'

export interface TakeAwayOptions {
  readonly easel: Easel
  /** Name and version of the model that draws, which saved files tell. */
  readonly model: () => string | undefined
}
