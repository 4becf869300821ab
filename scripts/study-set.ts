/**
 * Draws a set of pictures for study.html: set.json and a PNG for every prompt, through the TypeScript pipeline in Node.
 *
 *   npx tsx scripts/study-set.ts --model models/emoji --prompts docs/study-prompts.txt --seed 1 \
 *     --out studies/emoji-0.7.0 --name "emoji 0.7.0" [--schedule quick] [--style 3d]
 *
 * The first prompt is drawn with `--seed`, the next ones count up. docs/STUDY.md says how a set is used.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findModel, openPipeline } from '../src/cli/model'
import { encodePng } from '../src/cli/write-png'
import { canonicalSeed, formatSet, type SetFile, setFileName } from '../src/demo/study/format'
import { parsePrompts, withSeeds } from '../src/demo/study/prompts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    model: { ...text, default: 'models/emoji' },
    prompts: { ...text, default: 'docs/study-prompts.txt' },
    seed: { ...text, default: '1' },
    out: text,
    name: text,
    schedule: text,
    style: text,
  },
})
const { model, out, schedule, style } = values
const first = canonicalSeed(values.seed)
if (first === undefined) throw new Error(`--seed ${values.seed}: give a whole number from 0 to 2^64 − 1.`)
if (!out) throw new Error('--out is missing: give the folder to write.')
const json = join(out, 'set.json')
if (existsSync(json)) throw new Error(`${json} is there already. Give another --out, so that no set mixes two.`)

const keys = withSeeds(parsePrompts(await readFile(values.prompts, 'utf8')), first)
const disk = await findModel(model)
const name = values.name ?? `${disk.manifest.name} ${disk.manifest.version}`
const pipeline = await openPipeline(disk)
const pictures: SetFile['pictures'] = []
await mkdir(out, { recursive: true })
for (const [i, { prompt, seed }] of keys.entries()) {
  const chosen = { ...(schedule !== undefined && { schedule }), ...(style !== undefined && { style }) }
  const drawn = await pipeline.generate({ prompt, seed: BigInt(seed), ...chosen })
  const png = encodePng(drawn.image)
  const file = setFileName(i)
  await writeFile(join(out, file), png)
  pictures.push({ prompt, seed, file, sha256: createHash('sha256').update(png).digest('hex') })
}
// Last, so that a folder with a set.json is a whole set.
await writeFile(json, formatSet({ format: 1, name, pictures }))
console.log(`${pictures.length} pictures, seeds ${first} to ${first + BigInt(pictures.length - 1)} → ${out}`)
