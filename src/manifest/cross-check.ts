import { validateSchedule } from '../schedule'
import { invalidManifest } from './invalid'
import type { Manifest } from './schema'

/** What one field alone cannot show, and what this version does not run. Throws `InvalidManifest` naming the field. */
export function crossCheck(manifest: Manifest): void {
  checkSupported(manifest)
  checkFiles(manifest)
  checkConditioning(manifest)
  unique(
    manifest.styles.map((style) => style.id),
    (i) => `styles.${i}.id`,
  )
  checkSchedules(manifest)
  manifest.preview.matrix.forEach((row, i) => {
    const channels = manifest.denoiser.latentChannels
    if (row.length !== channels)
      throw invalidManifest(`preview.matrix.${i}`, `expected ${channels} numbers, one per channel`)
  })
}

/** Here and not where it would fail: before a byte of the weights is downloaded. */
function checkSupported({ residency, variants, notice }: Manifest): void {
  const refuse = (field: string, problem: string, remedy: string): never => {
    throw invalidManifest(field, `this version ${problem}`, `${remedy}, or use a later version`)
  }
  if (residency !== 'together') refuse('residency', 'keeps all graphs loaded', "Write 'together'")
  if (variants.length > 0) refuse('variants', 'does not choose between graphs', "Leave 'variants' out")
  if (notice) refuse('notice', 'cannot show terms', 'Choose another model')
}

/** Paths of the files that the engine loads, by the field that names them, in the order in which they are needed. */
export function namedFiles({ textEncoders, denoiser, decoder, encoder }: Manifest): [field: string, path: string][] {
  const named: [field: string, path: string][] = []
  const add = (field: string, { file, data }: Pick<Manifest['denoiser'], 'file' | 'data'>) => {
    named.push([`${field}.file`, file])
    for (const [i, path] of data.entries()) named.push([`${field}.data.${i}`, path])
  }
  for (const [i, graph] of textEncoders.entries()) {
    const { file, config } = graph.tokenizer
    named.push([`textEncoders.${i}.tokenizer.file`, file], [`textEncoders.${i}.tokenizer.config`, config])
    add(`textEncoders.${i}`, graph)
  }
  add('denoiser', denoiser)
  add('decoder', decoder)
  if (encoder) add('encoder', encoder)
  return named
}

function checkFiles(manifest: Manifest): void {
  const paths = manifest.files.map((file) => file.path)
  unique(paths, (i) => `files.${i}.path`)
  const known = new Set(paths)
  for (const [field, path] of namedFiles(manifest)) {
    if (!known.has(path)) throw invalidManifest(field, `'${path}' is not among 'files'`)
  }
}

/** The denoiser's inputs and what fills them: one output or mask of one text encoder for each, and nothing left over. */
function checkConditioning({ textEncoders, denoiser }: Manifest): void {
  const { latent, timestep, conditioning } = denoiser
  const inputs = [latent, timestep, ...conditioning]
  unique(inputs, (i) => (i < 2 ? 'denoiser.timestep' : `denoiser.conditioning.${i - 2}`))
  const wanted = new Set(conditioning)
  const filled = new Map<string, string>()
  for (const [i, encoder] of textEncoders.entries()) {
    const { ids, mask, outputs, maskAs } = encoder
    if (mask === ids) throw invalidManifest(`textEncoders.${i}.mask`, `'${mask}' is the input of the ids already`)
    const produced = Object.entries(outputs).map(([output, name]) => [`textEncoders.${i}.outputs.${output}`, name])
    if (maskAs !== undefined) produced.push([`textEncoders.${i}.maskAs`, maskAs])
    for (const [field, name] of produced as [string, string][]) {
      if (!wanted.has(name)) throw invalidManifest(field, `'${name}' is not among 'denoiser.conditioning'`)
      const other = filled.get(name)
      if (other) throw invalidManifest(field, `'${name}' is filled by ${other} already`)
      filled.set(name, field)
    }
  }
  const empty = conditioning.findIndex((name) => !filled.has(name))
  if (empty >= 0) {
    throw invalidManifest(`denoiser.conditioning.${empty}`, `no text encoder's outputs fill '${conditioning[empty]}'`)
  }
}

function checkSchedules({ schedules, defaultSchedule, denoiser }: Manifest): void {
  if (!Object.hasOwn(schedules, defaultSchedule)) {
    throw invalidManifest('defaultSchedule', `there is no schedule '${defaultSchedule}'`)
  }
  for (const [name, schedule] of Object.entries(schedules)) {
    try {
      validateSchedule(schedule, denoiser.patch)
    } catch (error) {
      const problem = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
      throw invalidManifest(`schedules.${name}`, problem)
    }
  }
}

function unique(values: readonly string[], field: (index: number) => string): void {
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) throw invalidManifest(field(i), `'${value}' appears twice`)
    seen.add(value)
  }
}
