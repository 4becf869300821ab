/** Of a request; its words are in request-problems.ts. */
export type RequestProblem =
  | 'noPrompt'
  | 'noPreview'
  | 'noStyle'
  | 'noSchedule'
  | 'twoSeeds'
  | 'noSeeds'
  | 'wrongCount'
  | 'seedsForImages'
  | 'noSeed'

/** Of a schedule: schedule-problems.ts. */
export type ScheduleProblem = 'noSteps' | 'sigma' | 'sides' | 'side' | 'firstSigma' | 'risingSigma' | 'fallingSize'

/** Of a manifest: manifest-problems.ts. */
export type ManifestProblem =
  | 'form'
  | 'format'
  | 'depth'
  | 'noFile'
  | 'twice'
  | 'maskIsIds'
  | 'noInput'
  | 'filledTwice'
  | 'unfilled'
  | 'noDefault'
  | 'schedule'
  | 'channels'

/**
 * Thrown inside the engine where something that was given is wrong: what, and what of it. Whoever catches it turns it
 * into an `EngineError`; the words for that are loaded then, as a first picture needs none.
 */
export class Refused {
  readonly problem: RequestProblem | ScheduleProblem | ManifestProblem
  readonly found: readonly unknown[]
  constructor(problem: Refused['problem'], ...found: readonly unknown[]) {
    this.problem = problem
    this.found = found
  }
}
