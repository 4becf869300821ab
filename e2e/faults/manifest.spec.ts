import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import type { EngineErrorName } from '../../src/errors'
import { parseManifest } from '../../src/manifest/parse'
import { recordFault } from '../testing/reliability'
import { type FaultServer, startServer } from '../testing/server'
import type { Outcome } from './faulty-page'
import { mutants } from './mutants'
import { ends, openFaultyPage, pending } from './setup'

/** Manifests that are broken in hundreds of ways: a named error with a remedy or a model, never a crash or a hang. */
test.describe.configure({ mode: 'serial' })

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const MANIFEST = '/models/tiny/manifest.json'

let page: Page
let server: FaultServer

test.beforeAll(async ({ browser }) => {
  server = await startServer({ root: '.', cors: true })
  page = await openFaultyPage(browser)
})

test.afterAll(async () => {
  await page.close()
  await server.stop()
})

function expectNamed(
  { end, message }: Outcome,
  allowed: readonly EngineErrorName[],
  manifest: Buffer | undefined,
): void {
  const shown = `${end}: ${message}\n${manifest?.toString().slice(0, 2000)}`
  expect(['sized', 'drawn', ...allowed], shown).toContain(end)
  if (!['sized', 'drawn'].includes(end)) expect(message, shown).toMatch(/\. .+[.?]$/s) // What is wrong, then what to do.
}

/** The sound model draws in the same page. */
async function expectDraws(): Promise<Outcome> {
  const drawn = await page.evaluate(async (model) => {
    const { createEngine, outcome, request } = window.faults
    const engine = await createEngine({ model })
    const drawn = await outcome(engine.generate(request))
    await engine.dispose()
    return drawn
  }, server.url + MANIFEST)
  expect(drawn).toMatchObject({ end: 'drawn', live: 0 })
  return drawn
}

test('hundreds of broken manifests, read by modelSize', async () => {
  test.setTimeout(180_000)
  const all = mutants(400, SEED)
  const removals = all.map((body, i) => server.fault(`/mutant/${i}/manifest.json`, { kind: 'replace', body }))
  const started = performance.now()
  const outcomes = await page.evaluate(
    async ({ url, count }) => {
      const outcomes: Outcome[] = []
      const size = (i: number) => window.scalewise.modelSize(`${url}/mutant/${i}/manifest.json`)
      // Forty at a time share a worker.
      for (let i = 0; i < count; i += 40) {
        const some = Array.from({ length: Math.min(40, count - i) }, (_, j) => size(i + j))
        outcomes.push(...(await Promise.all(some.map((call) => window.faults.outcome(call, 20_000)))))
      }
      return outcomes
    },
    { url: server.url, count: all.length },
  )
  const ms = performance.now() - started
  for (const remove of removals) remove()
  outcomes.forEach((outcome, i) => {
    expectNamed(outcome, ['InvalidManifest'], all[i])
  })
  const refused = outcomes.filter(({ end }) => end === 'InvalidManifest').length
  expect(refused).toBeGreaterThan(all.length / 2)
  expect(refused).toBeLessThan(all.length)
  const drawn = await expectDraws()
  await recordFault(test.info(), {
    fault: `${all.length} broken manifests (seed ${SEED}), read by modelSize`,
    expected: 'InvalidManifest or a size, each; the page draws afterwards',
    result: `${ends(outcomes)}; then a picture`,
    promisesPending: pending(outcomes),
    latentsAlive: drawn.live,
    ms,
  })
})

test('a manifest that goes on and on within itself, in a field that is never read', async () => {
  const sound = readFileSync('models/tiny/manifest.json', 'utf8')
  const path = '/deep/manifest.json'
  const outcomes: Outcome[] = []
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = `${open.repeat(50_000)}1${close.repeat(50_000)}`
    const body = Buffer.from(sound.replace('{', `{ "training": ${deep}, "not known": ${deep},`))
    const remove = server.fault(path, { kind: 'replace', body })
    outcomes.push(
      ...(await page.evaluate(async (model) => {
        const { createEngine, outcome } = window.faults
        const { modelSize, verifyModel } = window.scalewise
        const verified = async () => ({ ...(await modelSize(model)), ...(await verifyModel(model)) })
        return [await outcome(modelSize(model)), await outcome(verified()), await outcome(createEngine({ model }))]
      }, server.url + path)),
    )
    remove()
  }
  for (const outcome of outcomes) expectNamed(outcome, ['InvalidManifest'], undefined)
  expect(ends(outcomes)).toBe('6 × InvalidManifest')
  const drawn = await expectDraws()
  await recordFault(test.info(), {
    fault: 'a manifest with 50,000 lists or objects within one another, in a field that is not read',
    expected: 'InvalidManifest for modelSize, verifyModel and createEngine; the page draws afterwards',
    result: `${ends(outcomes)}; then a picture`,
    promisesPending: pending(outcomes),
    latentsAlive: drawn.live,
  })
})

/** What drawing depends on in a manifest; undefined where its parser refuses it. */
function whatRuns(body: Buffer): string | undefined {
  try {
    const manifest = parseManifest(JSON.parse(body.toString()))
    const { textEncoders, denoiser, decoder, picture, requires } = manifest
    const files = manifest.files.map(({ path, bytes, sha256 }) => [path, bytes, sha256])
    return JSON.stringify({ files, textEncoders, denoiser, decoder, picture, requires })
  } catch {
    return undefined
  }
}

test('broken manifests that look right, loaded and drawn with', async () => {
  test.setTimeout(240_000)
  const all = mutants(4000, SEED + 1)
  const sound = whatRuns(readFileSync('models/tiny/manifest.json'))
  const looksRight = all.filter((body) => ![undefined, sound].includes(whatRuns(body))).slice(0, 10)
  const refused = all.filter((body) => whatRuns(body) === undefined).slice(0, 3)
  const tried = [...looksRight, ...refused]
  expect(tried).toHaveLength(13)
  const outcomes: Outcome[] = []
  const started = performance.now()
  for (const body of tried) {
    const remove = server.fault(MANIFEST, { kind: 'replace', body })
    const outcome = await page.evaluate(async (model) => {
      const { createEngine, outcome, request } = window.faults
      const loading = createEngine({ model })
      const loaded = await outcome(loading, 30_000)
      if (loaded.end !== 'loaded') return loaded
      const engine = await loading
      const drawn = await outcome(engine.generate(request), 30_000)
      await engine.dispose()
      return drawn
    }, server.url + MANIFEST)
    remove()
    const allowed = ['InvalidManifest', 'DownloadFailed', 'CorruptFile', 'ModelFailed', 'InvalidSchedule'] as const
    expectNamed(outcome, allowed, body)
    outcomes.push(outcome)
  }
  const ms = performance.now() - started
  const drawn = await expectDraws()
  await recordFault(test.info(), {
    fault: `${tried.length} broken manifests (seed ${SEED + 1}), ${looksRight.length} of a right form, loaded and drawn with`,
    expected: 'a named error or a picture, each; the page draws the sound model afterwards',
    result: `${ends(outcomes)}; then a picture`,
    promisesPending: pending(outcomes),
    latentsAlive: drawn.live,
    ms,
  })
})
