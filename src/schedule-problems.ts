/** What is wrong with a schedule, in words: loaded when something is. */
import { shown } from './errors'
import type { ScheduleProblem } from './refused'

/** `found`: the longest list; or the step's place in it, from 0, and what was found there. */
export function scheduleWords(problem: ScheduleProblem, [at, ...found]: readonly unknown[]): string {
  const [one, two, three, four] = found
  const where = `Step ${Number(at) + 1}`
  switch (problem) {
    case 'noSteps':
      return `A schedule is a list of 1 to ${at} steps such as { size: 16, sigma: 1 }. Give at least one.`
    case 'sigma':
      return `${where} has sigma ${shown(one)}. Give a number above 0 and at most 1.`
    case 'sides':
      return `${where} has a size of ${one} numbers. Give one, or [height, width].`
    case 'side':
      return `${where} has size ${shown(one)}. Give a multiple of ${two} from ${two} to ${three} latent cells.`
    case 'firstSigma':
      return `${where} has sigma ${one}. Start from pure noise, at sigma 1.`
    case 'risingSigma':
      return `${where} has sigma ${one} after ${two}. Let sigma fall from step to step.`
    case 'fallingSize':
      return `${where} has size ${one}×${two} after ${three}×${four}. Let sizes grow or stay.`
    default:
      return problem satisfies never
  }
}
