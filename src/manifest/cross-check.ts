import { Refused } from '../refused'
import { validateSchedule } from '../schedule'
import { namedFiles } from './graphs'
import type { Manifest } from './schema'
import { applied } from './variants'

/** What one field alone cannot show. @throws Refused naming the field. */
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
    if (row.length !== channels) throw new Refused('channels', `preview.matrix.${i}`, channels)
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
  checkFiles(manifest, at)
  checkConditioning(manifest, at)
}

function checkFiles(manifest: Manifest, at: string): void {
  const known = new Set(manifest.files.map((file) => file.path))
  for (const [field, path] of namedFiles(manifest)) {
    if (!known.has(path)) throw new Refused('noFile', at + field, path)
  }
}

/** The denoiser's inputs and what fills them: one output or mask of one text encoder for each, and nothing left over. */
function checkConditioning({ textEncoders, denoiser }: Manifest, at: string): void {
  const { latent, timestep, conditioning } = denoiser
  const inputs = [latent, timestep, ...conditioning]
  const twice = repeated(inputs)
  if (twice !== undefined) {
    const field = twice < 2 ? 'denoiser.timestep' : `denoiser.conditioning.${twice - 2}`
    throw new Refused('twice', at + field, inputs[twice])
  }
  const wanted = new Set(conditioning)
  const filled = new Map<string, string>()
  for (const [i, encoder] of textEncoders.entries()) {
    const { ids, mask, outputs, maskAs } = encoder
    if (mask === ids) throw new Refused('maskIsIds', `${at}textEncoders.${i}.mask`, mask)
    const produced = Object.entries(outputs).map(([output, name]) => [`textEncoders.${i}.outputs.${output}`, name])
    if (maskAs !== undefined) produced.push([`textEncoders.${i}.maskAs`, maskAs])
    for (const [field, name] of produced as [string, string][]) {
      if (!wanted.has(name)) throw new Refused('noInput', at + field, name)
      const other = filled.get(name)
      if (other) throw new Refused('filledTwice', at + field, name, other)
      filled.set(name, field)
    }
  }
  const empty = conditioning.findIndex((name) => !filled.has(name))
  if (empty >= 0) throw new Refused('unfilled', `${at}denoiser.conditioning.${empty}`, conditioning[empty])
}

function checkSchedules({ schedules, defaultSchedule, denoiser }: Manifest): void {
  if (!Object.hasOwn(schedules, defaultSchedule)) throw new Refused('noDefault', 'defaultSchedule', defaultSchedule)
  for (const [name, schedule] of Object.entries(schedules)) {
    try {
      validateSchedule(schedule, denoiser)
    } catch (error) {
      throw new Refused('schedule', `schedules.${name}`, error)
    }
  }
}

function unique(values: readonly string[], field: (index: number) => string): void {
  const index = repeated(values)
  if (index !== undefined) throw new Refused('twice', field(index), values[index])
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
