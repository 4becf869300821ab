import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError, type EngineErrorName, type Notice } from '../errors'
import { planDrawing } from '../request'
import { heightWidth } from '../schedule'
import { startStep } from '../start-picture'
import type { GenerateResult, Picture } from '../types'
import { requireAcceptance } from '../weights/accept-notice'
import { type Arguments, parseArguments, USAGE, UsageError } from './arguments'
import { runProgram } from './ending'
import { drawInJobs } from './jobs'
import { findModel, openPipeline } from './model'
import { PictureFile } from './picture-file'
import { createProgressLine } from './progress'
import { readPicture } from './read-picture'
import { encodePng } from './write-png'

const DEFAULT_MODEL = fileURLToPath(new URL('../../models/emoji', import.meta.url))

/** Errors that name a wrong argument: only the model can tell them. */
const WRONG_ARGUMENT: readonly string[] = [
  'InvalidRequest',
  'InvalidSeed',
  'UnknownSchedule',
  'UnknownStyle',
  'InvalidSchedule',
] satisfies EngineErrorName[]

/** Runs the command and returns its exit status: 0 done, 1 failed, 2 wrong arguments. */
export async function main(argv: readonly string[]): Promise<number> {
  const line = createProgressLine(process.stderr)
  try {
    const found = parseArguments(argv)
    if (found) await generate(found, line)
    else console.log(USAGE)
    return 0
  } catch (error) {
    line.end()
    if (error instanceof UsageError || (error instanceof EngineError && WRONG_ARGUMENT.includes(error.name))) {
      console.error(`${error.message}\n\n${USAGE}`)
      return 2
    }
    if (error instanceof EngineError && error.notice) return showTerms(error.notice, argv)
    console.error(error instanceof EngineError ? `${error.name}: ${error.message}` : error)
    return 1
  }
}

function showTerms({ title, text, url, hash }: Notice, argv: readonly string[]): number {
  const others = argv.includes('--accept-licence') ? 'What --accept-licence names are other terms. ' : ''
  console.error(`${title}\n${url}\n\n${text}\n\n${others}To accept these terms, add --accept-licence ${hash}`)
  return 2
}

async function generate(found: Arguments, line: ReturnType<typeof createProgressLine>): Promise<void> {
  const { out, overwrite = false, model = DEFAULT_MODEL, acceptLicence, float32 = false, ...wanted } = found
  const { image: path, jobs, ...rest } = wanted
  const image = path === undefined ? undefined : await readPicture(path)
  const asked = { ...rest, ...(image && { image }) }
  const onProgress = line.progress.bind(line)
  const disk = await findModel(model, float32)
  // Before anything is loaded: a wrong argument is told at once, and so is a file that cannot be written.
  const plan = await planDrawing(jobs ? { ...asked, count: 1 } : asked, disk.manifest, false)
  if (image) startStep(asked, plan.schedule, disk.manifest.encoder !== undefined)
  await requireAcceptance(disk.manifest, acceptLicence)
  const { seed: _, count = 1, ...request } = asked
  if (jobs) {
    const seeds = Array.from({ length: count }, (_, i) => BigInt.asUintN(64, plan.seeds[0] + BigInt(i)))
    const orders = seeds.map((seed) => ({ seed, file: resolve(fileName(out, found.prompt, seed, count)) }))
    for (const { file } of orders) PictureFile.open(file, overwrite).close()
    const started = performance.now()
    await drawInJobs({ model, float32, request }, orders, jobs, async ({ file, seed, png, width, height, ms }) => {
      await PictureFile.open(file, overwrite).write(png)
      console.log(`${file}  ${width}×${height}, seed ${seed}, ${milliseconds(ms)}`)
    })
    const seconds = (performance.now() - started) / 1000
    console.log(`${count} pictures, ${jobs} jobs, ${seconds.toFixed(1)} s: ${(count / seconds).toFixed(2)} a second`)
    return
  }
  const { seeds } = plan
  const files: PictureFile[] = []
  try {
    for (const seed of seeds) {
      files.push(PictureFile.open(resolve(fileName(out, asked.prompt, seed, seeds.length)), overwrite))
    }
    const pipeline = await openPipeline(disk, onProgress)
    const result = await pipeline.generate({ ...request, seeds, preview: 'none' }, { onProgress, onScale: line.scale })
    line.end()
    // All are on the disk before a word is printed: whoever reads the words may stop to.
    for (const [i, file] of files.entries()) await file.write(encodePng(result.images[i] as Picture))
    for (const [i, { width, height }] of result.images.entries()) {
      console.log(`${files[i]?.path}  ${width}×${height}, seed ${seeds[i]}`)
    }
    report(result)
  } finally {
    for (const file of files) file.close()
  }
}

function report({ backend, schedule, timings }: GenerateResult): void {
  console.log(`backend ${backend.name}: ${backend.reason}`)
  const skipped = schedule.length - timings.scales.length // A picture enters at a later one.
  for (const [i, ms] of timings.scales.entries()) {
    const { size, sigma } = schedule[skipped + i] as (typeof schedule)[number]
    console.log(`scale ${skipped + i + 1}: ${heightWidth(size).join('×')} cells, sigma ${sigma}, ${milliseconds(ms)}`)
  }
  const { text, decode, total } = timings
  console.log(`text ${milliseconds(text)}, decoding ${milliseconds(decode)}, together ${milliseconds(total)}`)
}

function milliseconds(value: number | undefined): string {
  return `${(value ?? 0).toFixed(value !== undefined && value < 10 ? 1 : 0)} ms`
}

/** With several pictures the seed in each name says how to draw it again. */
function fileName(out: string | undefined, prompt: string, seed: bigint, images: number): string {
  if (out === undefined) return `${slug(prompt)}-${seed}.png`
  return images === 1 ? out : out.replace(/\.png$/i, (extension) => `-${seed}${extension}`)
}

function slug(prompt: string): string {
  const words = prompt.toLowerCase().match(/[\p{Letter}\p{Number}]+/gu) ?? []
  return words.join('-').slice(0, 60) || 'picture'
}

/** Also where it is started through a link. */
function isStarted(script: string | undefined): boolean {
  try {
    return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}

if (isStarted(process.argv[1])) await runProgram(() => main(process.argv.slice(2)), PictureFile.removeFragments)
