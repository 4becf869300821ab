/** What is wrong with a request, in words: loaded when something is. */
import { EngineError, type EngineErrorName, shown } from './errors'
import type { Refused, RequestProblem, ScheduleProblem } from './refused'
import { scheduleWords } from './schedule-problems'

type Words = readonly [name: EngineErrorName, message: string]

/** `found`: what was given, then what could be chosen. */
export function requestError({ problem, found }: Refused): EngineError {
  return new EngineError(...words(problem as RequestProblem | ScheduleProblem, found))
}

function words(problem: RequestProblem | ScheduleProblem, found: readonly unknown[]): Words {
  const [given, ...others] = found
  switch (problem) {
    case 'noPrompt':
      return ['InvalidRequest', "A request needs a prompt. Give { prompt: 'some text' }; '' is allowed."]
    case 'noPreview':
      return ['InvalidRequest', `There is no preview ${shown(given)}. Use 'none', 'linear' or 'decode'.`]
    case 'noStyle':
      return ['UnknownStyle', `There is no style ${shown(given)}. ${choose(others)}`]
    case 'noSchedule':
      return ['UnknownSchedule', `There is no schedule ${shown(given)}. ${choose(others)}`]
    case 'twoSeeds':
      return ['InvalidRequest', "Both 'seed' and 'seeds' were given. Give one of them."]
    case 'noSeeds':
      return ['InvalidRequest', "'seeds' is not a list. Give one seed an image, as in [1, 2]."]
    case 'wrongCount':
      return ['InvalidRequest', `${shown(given)} images were asked for. Ask for 1 to ${others[0]}.`]
    case 'seedsForImages':
      return ['InvalidRequest', `${given} seeds for ${others[0]} images. Give one seed an image.`]
    case 'noSeed':
      return [
        'InvalidSeed',
        `${shown(given)} is not a seed. Give a whole number from 0 to 2^53 − 1, or a bigint or decimal text below 2^64.`,
      ]
    default:
      return ['InvalidSchedule', scheduleWords(problem, found)]
  }
}

function choose(names: readonly unknown[]): string {
  return names.length > 0 ? `Choose from: ${names.join(', ')}.` : 'Leave it out.'
}
