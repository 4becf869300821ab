/** npm run unpack: training/.data/inception.json (layers, and where each weight stands) and inception.bin (its bytes). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const out = process.env.SCALEWISE_DATA ?? join(here, '../../.data')
const require = createRequire(import.meta.url)
// The package exports no path to its models' files, so they are named from its folder.
const models = join(here, 'node_modules/nsfwjs/dist/models/inception_v3')

const { modelTopology, weightsManifest } = require(join(models, 'model.min.js'))
const [{ paths, weights }] = weightsManifest
const bytes = Buffer.concat(paths.map((path) => Buffer.from(require(join(models, `${path}.min.js`)), 'base64')))
const layers = modelTopology.model_config.config.layers.map(({ class_name, name, config, inbound_nodes }) => ({
  kind: class_name,
  name,
  config,
  inputs: inbound_nodes.flat().map(([input]) => input),
}))

mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'inception.json'), JSON.stringify({ layers, weights }))
writeFileSync(join(out, 'inception.bin'), bytes)
console.log(`${layers.length} layers, ${weights.length} weights, ${(bytes.length / 1e6).toFixed(1)} MB`)
