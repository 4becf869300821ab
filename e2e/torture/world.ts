/** A browser and a server that a row of steps is done to. */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { type Fault, startServer } from '../testing/server'
import { lostFiles, type StoreSeen } from './oracle'
import { MODELS, type ModelName, type Step, TABS } from './steps'
import type { Settled } from './torture-page'

/** How a load or a drawing may fail while servers err, disks fill up, and tabs are aborted. */
const ALLOWED = [
  'AbortError',
  'DownloadFailed',
  'CorruptFile',
  'InvalidManifest',
  'ModelBusy',
  'ModelFailed',
  'OutOfMemory',
]
/** Everything has to have settled this long after the last step. An engine's worker waits 30 s for a silent server. */
const SETTLE_MS = 100_000

interface Manifest {
  version: string
  files: { path: string; bytes: number; sha256: string }[]
}

/** Two versions of `twin`, which share all but the decoder with `tiny`; and `claim`. */
function copyModels(): { root: string; deploy(): void } {
  const root = mkdtempSync(join(tmpdir(), 'scalewise-torture-'))
  for (const name of MODELS) cpSync('models/tiny', join(root, name), { recursive: true })
  const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as Manifest
  const write = (name: ModelName, given: Manifest) =>
    writeFileSync(join(root, name, 'manifest.json'), JSON.stringify(given))
  write('claim', { ...manifest, files: manifest.files.map((file) => ({ ...file, bytes: file.bytes + 4096 })) })
  let version = 0
  function deploy(): void {
    version++
    // Not a graph any more, but the weights alone are loaded of this one.
    const decoder = Buffer.from(readFileSync('models/tiny/decoder.onnx'))
    decoder.writeUInt32LE(version, 100)
    writeFileSync(join(root, 'twin', 'decoder.onnx'), decoder)
    const sha256 = createHash('sha256').update(decoder).digest('hex')
    const files = manifest.files.map((file) => (file.path === 'decoder.onnx' ? { ...file, sha256 } : file))
    write('twin', { ...manifest, version: `twin-${version}`, files })
  }
  deploy()
  return { root, deploy }
}

/** Does the steps in a fresh profile. Resolves to what was wrong: nothing, most of the time. */
export async function runSteps(browser: Browser, source: string, steps: readonly Step[]): Promise<string[]> {
  const { root, deploy } = copyModels()
  const server = await startServer({ root, cors: true })
  const context = await browser.newContext({ serviceWorkers: 'block' })
  try {
    return await new World(context, source, server, deploy).run(steps)
  } finally {
    await context.close()
    await server.stop()
    rmSync(root, { recursive: true })
  }
}

class World {
  readonly #context: BrowserContext
  readonly #source: string
  readonly #server: Awaited<ReturnType<typeof startServer>>
  readonly #deploy: () => void
  readonly #tabs: (Page | undefined)[] = []
  readonly #problems: string[] = []
  /** Whether site data was cleared since the last look, or the disk is small: bytes of other models may go then. */
  #cleared = false
  #small = false
  /** Addresses of models that were deleted since the last look. */
  readonly #deleted = new Set<string>()

  constructor(
    context: BrowserContext,
    source: string,
    server: Awaited<ReturnType<typeof startServer>>,
    deploy: () => void,
  ) {
    this.#context = context
    this.#source = source
    this.#server = server
    this.#deploy = deploy
  }

  async run(steps: readonly Step[]): Promise<string[]> {
    let before: StoreSeen = { models: {}, files: [], faults: [] }
    for (const [i, step] of steps.entries()) {
      await this.#take(step)
      // Now and then, and at the end, everything comes to rest and is looked at.
      if (i % 7 !== 6 && i < steps.length - 1) continue
      await this.#settle()
      const after = await (await this.#tab(0)).evaluate(() => window.torture.see())
      this.#problems.push(...after.faults)
      if (!this.#cleared && !this.#small)
        this.#problems.push(
          ...lostFiles(before, after, this.#deleted).map((sha256) => `a verified file is gone: ${sha256}`),
        )
      this.#cleared = false
      this.#deleted.clear()
      before = after
      if (this.#problems.length > 0) return this.#problems
    }
    // Whatever happened, the next picture is right, and its model is stored.
    await this.#quota(0)
    await this.#drawNow()
    return this.#problems
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'load': {
        const page = await this.#tab(step.tab)
        const options = { stallMs: 700, retryMs: 10 }
        await page.evaluate((given) => window.torture.start(given), { model: this.#address(step.model), options })
        return
      }
      case 'draw':
        await (await this.#tab(step.tab)).evaluate((model) => window.torture.draw(model), this.#address('tiny'))
        return
      case 'abort':
        await (await this.#tab(step.tab)).evaluate(() => window.torture.abort())
        return
      case 'kill':
        await this.#tabs[step.tab]?.close()
        this.#tabs[step.tab] = undefined
        return
      case 'fault':
        this.#server.fault(step.path, faultOf(step), 1)
        return
      case 'delete':
        this.#deleted.add(this.#address(step.model))
        await (await this.#tab(step.tab)).evaluate((model) => window.torture.remove(model), this.#address(step.model))
        return
      case 'quota':
        this.#small = step.bytes > 0
        return this.#quota(step.bytes)
      case 'clear':
        this.#cleared = true
        await (await this.#tab(step.tab)).evaluate(() => window.torture.clear())
        return
      case 'deploy':
        this.#deploy()
        return
      case 'wait':
        await new Promise((resolve) => setTimeout(resolve, step.ms))
        return
      default:
        step satisfies never
    }
  }

  async #tab(index: number): Promise<Page> {
    const open = this.#tabs[index % TABS]
    if (open) return open
    const page = await this.#context.newPage()
    page.on('pageerror', (error) => this.#problems.push(`an error that nobody caught: ${error.message}`))
    await page.goto(`${this.#source}/e2e/torture/torture-page.html`)
    await page.waitForFunction(() => 'torture' in window)
    this.#tabs[index % TABS] = page
    return page
  }

  /** Waits until every call has settled, and takes what each came to. */
  async #settle(): Promise<void> {
    for (const page of this.#tabs) {
      if (!page) continue
      const settled = await page.evaluate((ms) => window.torture.settle(ms), SETTLE_MS)
      for (const { what, error, wrong } of settled) {
        if (error && !ALLOWED.includes(error.name)) this.#problems.push(`${what}: ${error.name}: ${error.message}`)
        if (wrong) this.#problems.push(`${what}: ${wrong}`)
      }
    }
  }

  async #drawNow(): Promise<void> {
    const page = await this.#tab(0)
    let error: Settled['error']
    // What is left of the faults is used up by loads that may fail.
    for (let tries = 0; tries < 12; tries++) {
      await page.evaluate((model) => window.torture.draw(model), this.#address('tiny'))
      const [drawn] = await page.evaluate((ms) => window.torture.settle(ms), SETTLE_MS)
      if (drawn?.wrong) this.#problems.push(`the last drawing: ${drawn.wrong}`)
      error = drawn?.error
      if (!error) return
      if (!ALLOWED.includes(error.name)) break
    }
    this.#problems.push(`there is no last picture: ${error?.name}: ${error?.message}`)
  }

  async #quota(bytes: number): Promise<void> {
    const session = await this.#context.newCDPSession(await this.#tab(0))
    const size = bytes === 0 ? {} : { quotaSize: bytes }
    await session.send('Storage.overrideQuotaForOrigin', { origin: this.#source, ...size })
    await session.detach()
  }

  #address(model: ModelName): string {
    return `${this.#server.url}/${model}/manifest.json`
  }
}

function faultOf({ fault, at }: Extract<Step, { do: 'fault' }>): Fault {
  switch (fault) {
    case 'cut':
    case 'hold':
      return { kind: fault, afterBytes: at }
    case 'status':
      return { kind: fault, status: [404, 403, 500, 503][at % 4] as number }
    case 'corrupt':
      return { kind: fault, atByte: at % 1000 }
    default:
      return { kind: fault }
  }
}
