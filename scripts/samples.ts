/**
 * Draws docs/samples.png: every prompt below through the shipped pipeline in Node, seeds counted up from 0, nothing
 * picked; then four seeds of some. `npx tsx scripts/samples.ts [--schedule full-4] [--out docs/samples.png]`
 */
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { browserArgs, findBrowser } from '../e2e/testing/browser'
import { findModel, openPipeline } from '../src/cli/model'
import { encodePng } from '../src/cli/write-png'

const PROMPTS = [
  ...['a red heart', 'a smiling face', 'a cat face', 'a tree', 'a car', 'a red apple', 'a house', 'a star'],
  ...['a dog face', 'a fox', 'a panda', 'an owl', 'a penguin', 'a fish', 'a butterfly', 'an octopus'],
  ...[
    'a banana',
    'a strawberry',
    'a watermelon',
    'a slice of pizza',
    'a hamburger',
    'a doughnut',
    'ice cream',
    'a cake',
  ],
  ...['the sun', 'a crescent moon', 'a cloud', 'a rainbow', 'a sunflower', 'a cactus', 'a mushroom', 'fire'],
  ...['a rocket', 'a bus', 'a bicycle', 'a sailboat', 'a robot', 'a ghost', 'an alien', 'a crown'],
  ...['a guitar', 'a camera', 'a light bulb', 'a key', 'a balloon', 'a gift', 'a soccer ball', 'a cup of coffee'],
  ...['a purple fox', 'a blue car', 'a green heart', 'a pink unicorn', 'an orange fish', 'a yellow balloon'],
  ...['a black cat', 'a blue tree', 'a dog and a pizza', 'a cat and a star', 'a rocket next to a tree'],
  ...['a bear wearing a crown', 'a cat wearing sunglasses', 'a panda wearing a top hat', 'a fox wearing a bow tie'],
  ...['a frog wearing glasses', 'a tiny dog', 'a tilted guitar', 'a big apple and a small banana'],
  ...['an apple on top of a book', 'three red apples', 'two cats', 'a sad face', 'a crying face'],
  ...[
    'a frog riding a bicycle',
    'a bear on the moon',
    'a rabbit in the rain',
    'an owl at night',
    'a cat behind a tree',
  ],
  ...['a penguin in front of a house', 'a monkey on a skateboard', 'a pig under an umbrella', 'four stars'],
  ...['a big dog and a small cat', 'a small robot and a big rocket', 'a red car and a blue bus', 'two pink hearts'],
  ...['a green frog and a red apple', 'a yellow duck next to a blue fish', 'a chicken wearing a straw hat'],
  ...['a house at night', 'three bananas, outlined cartoon sticker', 'a lion, detailed shaded', 'a whale, simple flat'],
  ...['a bee on a sunflower', 'a snail in the rain', 'a mouse and a slice of cheese', 'a pineapple on the moon'],
]
/** Four seeds of each, below the others. */
const SEEDS = 4
const REPEATED = [
  ...['a cat', 'a smiling face', 'a house', 'a robot'],
  ...['a purple fox', 'a dog and a pizza', 'a panda wearing a top hat', 'a frog on the moon'],
]
const COLUMNS = 8

const { values } = parseArgs({
  options: { schedule: { type: 'string' }, out: { type: 'string', default: 'docs/samples.png' } },
})

const disk = await findModel('models/emoji')
const pipeline = await openPipeline(disk)
const { schedule } = values
const cells: string[] = []
const again = Array.from({ length: SEEDS }, (_, seed) => REPEATED.map((prompt): [number, string] => [seed, prompt]))
for (const [seed, prompt] of [...PROMPTS.entries(), ...again.flat()]) {
  const { image } = await pipeline.generate({ prompt, seed, ...(schedule !== undefined && { schedule }) })
  const png = encodePng(image).toString('base64')
  cells.push(`<figure><img src="data:image/png;base64,${png}"><figcaption>${prompt}</figcaption></figure>`)
}

const page = `<!doctype html><style>
  body { margin: 0; padding: 24px; width: ${COLUMNS * 152}px; background: #fff; font: 13px/1.3 system-ui, sans-serif; color: #333 }
  main { display: grid; grid-template-columns: repeat(${COLUMNS}, 1fr); gap: 16px 0 }
  figure { margin: 0; text-align: center } img { width: 128px; height: 128px } figcaption { padding: 2px 6px }
</style><main>${cells.join('')}</main>`

const { path, env } = await findBrowser()
const browser = await chromium.launch({ executablePath: path, args: browserArgs, env: { ...process.env, ...env } })
try {
  const tab = await browser.newPage({ viewport: { width: COLUMNS * 152 + 48, height: 800 }, deviceScaleFactor: 2 })
  await tab.setContent(page)
  await tab.screenshot({ path: values.out, fullPage: true })
} finally {
  await browser.close()
}
console.log(
  `${PROMPTS.length} prompts, seeds 0 to ${PROMPTS.length - 1}; ${SEEDS} seeds of ${REPEATED.length} → ${values.out}`,
)
