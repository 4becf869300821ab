/** Part 5: the same model with its weights stored otherwise, against the one that ships. */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Manifest } from '../../src/manifest'
import { parseManifest } from '../../src/manifest/parse'
import { call, type Site } from '../browser'
import type { GraphName } from '../measure/clock'
import type { VariantRow } from '../results'
import { inTurn, ratio, type Spread } from '../statistics'

/** `training/export/formats.py` writes a model folder for each here. */
const FOLDER = 'training/runs/weight-formats'
const GRAPHS = ['text', 'denoiser', 'decoder'] as const satisfies readonly GraphName[]

export function variantNames(): string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'manifest.json')))
}

/** The page has opened `shipped` already. One variant is open at a time beside it. */
export async function measureVariant(
  { folder }: Site,
  page: Page,
  variant: string,
  shipped: string,
  rounds: number,
  warmup: number,
): Promise<VariantRow> {
  const model = `models/variants/${variant}`
  cpSync(join(FOLDER, variant), join(folder, model), { recursive: true })
  await call(page, 'open', model, 'wasm')
  const time = {} as Record<GraphName, Spread>
  const distance = {} as Record<GraphName, number>
  for (const graph of GRAPHS) {
    const tasks = {
      variant: () => call(page, 'graph', model, graph),
      shipped: () => call(page, 'graph', shipped, graph),
    }
    const taken = await inTurn(tasks, rounds, warmup)
    time[graph] = ratio(taken.variant, taken.shipped)
    distance[graph] = await call(page, 'distance', model, shipped, graph)
  }
  const quality = readQuality(variant)
  return {
    ...{ variant, time, distance },
    measured: new Date().toISOString().slice(0, 10),
    bytes: graphBytes(join(FOLDER, variant)),
    ...(quality !== undefined && { quality }),
  }
}

/** Bytes of each graph's file. */
export function graphBytes(folder: string): VariantRow['bytes'] {
  const manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))
  const bytes = (path: string): number => manifest.files.find((file) => file.path === path)?.bytes ?? 0
  const { textEncoders, denoiser, decoder } = manifest as Manifest
  return { text: bytes(textEncoders[0]?.file ?? ''), denoiser: bytes(denoiser.file), decoder: bytes(decoder.file) }
}

/** The evaluation's figure (R-precision@1, 0 to 1), where somebody has evaluated the variant. */
function readQuality(variant: string): number | undefined {
  const path = join(FOLDER, variant, 'quality.json')
  if (!existsSync(path)) return undefined
  return (JSON.parse(readFileSync(path, 'utf8')) as { rPrecision1: number }).rPrecision1
}
