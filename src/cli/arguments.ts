import { parseArgs } from 'node:util'

export const USAGE = `Draws a prompt with ONNX Runtime's WASM and the CPU kernels.

  npm run generate -- "a red apple" [options]

  --seed <n>         seed of the first picture, 0 to 2^64 − 1 (default: random)
  --count <n>        pictures to draw, 1 to 16; the next seeds count on (default: 1). With --jobs up to 4096
  --jobs <n>         draw them on so many processor cores, 1 to 64, each with the model in memory of its own
  --style <id>       one of the model's styles (default: none)
  --schedule <name>  one of the model's schedules, such as default or quick (default: the model's)
  --image <file.png> a picture to start from, where the model has an encoder; its transparency is kept
  --strength <n>     how much of it is drawn anew, above 0 to 1 (default: 0.7); "" as the prompt only refines it
  --out <file.png>   where to write; with several pictures each name gets its seed (default: <prompt>-<seed>.png)
  --overwrite        replace pictures of the same name, which are kept otherwise
  --model <path>     manifest.json or its folder (default: models/emoji of this repository)
  --float32          with the graphs that a GPU draws with, where the model has others for WASM
  --accept-licence <hash>  of a model with terms: you have read and accept them
  --help             this text`

/** Wrong on the command line: exit status 2. */
export class UsageError extends Error {}

export interface Arguments {
  readonly prompt: string
  readonly seed?: bigint
  readonly count?: number
  readonly jobs?: number
  readonly style?: string
  readonly schedule?: string
  readonly out?: string
  /** Path of a PNG. */
  readonly image?: string
  readonly strength?: number
  readonly overwrite?: boolean
  readonly model?: string
  readonly acceptLicence?: string
  readonly float32?: boolean
}

/** Throws `UsageError`. `help` was asked for: returns undefined. */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(argv)
  if (values.help) return undefined
  const [prompt, ...others] = positionals
  if (prompt === undefined) throw new UsageError('A prompt is missing; "" draws without one.')
  if (others.length > 0)
    throw new UsageError(`One prompt at a time: put it in quotes, as in "${positionals.join(' ')}".`)
  const { seed, count, jobs, strength, float32, overwrite, help: _, ...strings } = values
  const { 'accept-licence': acceptLicence, ...texts } = strings
  for (const [name, value] of Object.entries(texts)) if (value === '') throw new UsageError(`--${name} needs a value.`)
  if (texts.out && !texts.out.toLowerCase().endsWith('.png'))
    throw new UsageError(`--out ${texts.out}: give a .png file.`)
  if (strength !== undefined && texts.image === undefined)
    throw new UsageError('--strength is of a picture: give --image, too.')
  return {
    prompt,
    ...texts,
    ...(float32 && { float32 }),
    ...(strength !== undefined && { strength: fraction(strength) }),
    ...(overwrite && { overwrite }),
    ...(acceptLicence !== undefined && { acceptLicence }),
    ...(seed !== undefined && { seed: BigInt(digits('seed', seed)) }),
    ...(count !== undefined && { count: jobs ? upTo(4096, 'count', count) : Number(digits('count', count)) }),
    ...(jobs !== undefined && { jobs: upTo(64, 'jobs', jobs) }),
  }
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seed: text,
        count: text,
        jobs: text,
        style: text,
        schedule: text,
        out: text,
        image: text,
        strength: text,
        overwrite: { type: 'boolean' },
        model: text,
        'accept-licence': text,
        float32: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function fraction(value: string): number {
  if (!/^(0?\.\d+|1(\.0+)?)$/.test(value) || Number(value) === 0)
    throw new UsageError(`--strength ${value}: give a number above 0 and at most 1, such as 0.7.`)
  return Number(value)
}

function upTo(most: number, name: string, value: string): number {
  const number = Number(digits(name, value))
  if (number < 1 || number > most) throw new UsageError(`--${name} ${value}: give 1 to ${most}.`)
  return number
}

function digits(name: string, value: string): string {
  if (!/^\d+$/.test(value)) throw new UsageError(`--${name} ${value}: give a whole number of at least 0.`)
  return value
}
