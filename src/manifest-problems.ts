/** What is wrong with a manifest, in words: loaded when something is. */
import * as v from 'valibot'
import { EngineError } from './errors'
import type { ManifestProblem, Refused, ScheduleProblem } from './refused'
import { scheduleWords } from './schedule-problems'

/** By valibot's names, what is expected where the schema has no words of its own. */
const EXPECTED: Readonly<Record<string, (limit: unknown, unit: string) => string>> = {
  non_empty: () => 'some text',
  max_length: (limit, unit) => `at most ${limit} ${unit}`,
  min_value: (limit) => `a number of at least ${limit}`,
  max_value: (limit) => `at most ${limit}`,
  safe_integer: () => 'a whole number',
  finite: () => 'a finite number',
}

type Issues = readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]

const EXPORT_AGAIN =
  'xport the model again with `python -m training.export`, or convert it again with `python -m training.convert`'

/** `found`: the field by its path, such as `denoiser.output`, and what was found there. */
export function manifestError({ problem, found: [field, ...found] }: Refused): EngineError {
  const [one, two] = found
  const kind = problem as ManifestProblem
  switch (kind) {
    case 'form':
      return wrongForm(field, one as Issues)
    case 'format':
      return invalid(
        field,
        `this manifest has format ${one}, and this version reads ${two}`,
        Number(one) > Number(two) ? 'Update scalewise' : `E${EXPORT_AGAIN}`,
      )
    case 'depth':
      return invalid(field, `more than ${one} levels`)
    case 'noFile':
      return invalid(field, `'${one}' is not among 'files'`)
    case 'twice':
      return invalid(field, `'${one}' appears twice`)
    case 'maskIsIds':
      return invalid(field, `'${one}' is the input of the ids already`)
    case 'noInput':
      return invalid(field, `'${one}' is not among 'denoiser.conditioning'`)
    case 'filledTwice':
      return invalid(field, `'${one}' is filled by ${two} already`)
    case 'unfilled':
      return invalid(field, `no text encoder's outputs fill '${one}'`)
    case 'noDefault':
      return invalid(field, `there is no schedule '${one}'`)
    case 'schedule':
      return wrongSchedule(field, one as Refused)
    case 'channels':
      return invalid(field, `expected ${one} numbers, one per channel`)
    default:
      return kind satisfies never
  }
}

/** The problem and the remedy without their full stops. */
function invalid(field: unknown, problem: string, remedy = `Correct that field, or e${EXPORT_AGAIN}`): EngineError {
  return new EngineError('InvalidManifest', `manifest.json, ${field}: ${problem}. ${remedy}.`)
}

/** `whole`: where an issue of no field is. */
function wrongForm(whole: unknown, [issue, ...others]: Issues): EngineError {
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return invalid(v.getDotPath(issue) ?? whole, `${wrongField(issue)}${more}`)
}

function wrongField(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'unknown field'
  const words = EXPECTED[issue.type]?.(issue.requirement, typeof issue.input === 'string' ? 'characters' : 'entries')
  const expected = words ?? (issue.kind === 'validation' ? issue.message : issue.expected)
  return `expected ${expected}, found ${issue.received}`
}

function wrongSchedule(field: unknown, { problem, found }: Refused): EngineError {
  return invalid(field, scheduleWords(problem as ScheduleProblem, found).replace(/\.$/, ''))
}
