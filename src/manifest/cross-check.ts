import { validateSchedule } from '../schedule'
import { namedFiles } from './graphs'
import { invalidManifest } from './invalid'
import type { Manifest } from './schema'
import { applied } from './variants'

/** What one field alone cannot show. Throws `InvalidManifest` naming the field. */
export function crossCheck(manifest: Manifest): void {
  checkPaths(manifest)
  checkGraphs(manifest, '')
  for (const [i, variant] of manifest.variants.entries()) checkGraphs(applied(manifest, variant), `variants.${i}.`)
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

function checkPaths({ files }: Manifest): void {
  unique(
    files.map((file) => file.path),
    (i) => `files.${i}.path`,
  )
}

/** `at`: of which variant they are. */
function checkGraphs(manifest: Manifest, at: string): void {
  try {
    checkFiles(manifest)
    checkConditioning(manifest)
  } catch (error) {
    if (!(error instanceof WrongField)) throw error
    throw invalidManifest(`${at}${error.field}`, error.message)
  }
}

class WrongField extends Error {
  readonly field: string
  constructor(field: string, problem: string) {
    super(problem)
    this.field = field
  }
}

function checkFiles(manifest: Manifest): void {
  const known = new Set(manifest.files.map((file) => file.path))
  for (const [field, path] of namedFiles(manifest)) {
    if (!known.has(path)) throw new WrongField(field, `'${path}' is not among 'files'`)
  }
}

/** The denoiser's inputs and what fills them: one output or mask of one text encoder for each, and nothing left over. */
function checkConditioning({ textEncoders, denoiser }: Manifest): void {
  const { latent, timestep, conditioning } = denoiser
  const inputs = [latent, timestep, ...conditioning]
  const twice = repeated(inputs)
  if (twice !== undefined) {
    const field = twice < 2 ? 'denoiser.timestep' : `denoiser.conditioning.${twice - 2}`
    throw new WrongField(field, `'${inputs[twice]}' appears twice`)
  }
  const wanted = new Set(conditioning)
  const filled = new Map<string, string>()
  for (const [i, encoder] of textEncoders.entries()) {
    const { ids, mask, outputs, maskAs } = encoder
    if (mask === ids) throw new WrongField(`textEncoders.${i}.mask`, `'${mask}' is the input of the ids already`)
    const produced = Object.entries(outputs).map(([output, name]) => [`textEncoders.${i}.outputs.${output}`, name])
    if (maskAs !== undefined) produced.push([`textEncoders.${i}.maskAs`, maskAs])
    for (const [field, name] of produced as [string, string][]) {
      if (!wanted.has(name)) throw new WrongField(field, `'${name}' is not among 'denoiser.conditioning'`)
      const other = filled.get(name)
      if (other) throw new WrongField(field, `'${name}' is filled by ${other} already`)
      filled.set(name, field)
    }
  }
  const empty = conditioning.findIndex((name) => !filled.has(name))
  if (empty >= 0) {
    throw new WrongField(`denoiser.conditioning.${empty}`, `no text encoder's outputs fill '${conditioning[empty]}'`)
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
  const index = repeated(values)
  if (index !== undefined) throw invalidManifest(field(index), `'${values[index]}' appears twice`)
}

/** The index of the first value that an earlier one equals. */
function repeated(values: readonly string[]): number | undefined {
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) return i
    seen.add(value)
  }
  return undefined
}
