/**
 * `npm run bench:shards`: what a large model takes of the page's process. A model of 512 MB in shards of 128 MB is
 * downloaded, stored and drawn with in a real Chromium, on ONNX Runtime's build with JSPI, which reads weights from Blobs;
 * and on the one for all browsers, where they have to be bytes. Then with the weights in the text encoder: what its phase
 * takes of the GPU's process, and what is left of that once the picture is drawn. Writes bench/shards.json. Linux alone: memory is
 * read in /proc. Needs the Python environment of the training code.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'
import { browserArgs, findBrowser } from '../e2e/testing/browser'
import { startServer } from '../e2e/testing/server'

const MEGABYTES = 512
const SHARD = 128
/** What may be left of the text encoder's memory: the drawing phase's own graphs and device are in it. */
const LEFT = 0.05
const port = Number(process.env.SOURCE_PORT ?? 41743)
const runtime = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm'

const root = mkdtempSync(join(tmpdir(), 'scalewise-shards-'))
const profile = mkdtempSync(join(tmpdir(), 'scalewise-profile-'))
for (const graph of ['denoiser', 'text']) {
  const sizes = ['--megabytes', `${MEGABYTES}`, '--shard', `${SHARD}`, '--graph', graph]
  execFileSync('.venv/bin/python', ['-m', 'training.convert.tiny.shards', join(root, graph), ...sizes], {
    stdio: 'inherit',
  })
}
const models = await startServer({ root, cors: true })
const vite = await createServer({
  mode: 'e2e',
  logLevel: 'error',
  server: { host: '127.0.0.1', port, strictPort: true },
})
await vite.listen()
const { path, env } = await findBrowser()

interface Measured {
  /** MB, resident: the most while the same graphs without the weights load and draw, then in each phase. */
  readonly baseline: number
  readonly download: number
  readonly draw: number
  readonly seconds: { readonly download: number; readonly draw: number }
  /** MB of the GPU's process: before the model, at most while it draws, and once it has drawn. */
  readonly gpu: { readonly before: number; readonly peak: number; readonly after: number }
}

try {
  const builds = { jspi: await measure('jspi', 'denoiser'), asyncify: await measure('asyncify', 'denoiser', runtime) }
  const { gpu: textPhase } = await measure('text', 'text')
  const { model } = cpus()[0] ?? { model: 'unknown' }
  const limit = builds.jspi.baseline + 2 * SHARD * 1.048576
  const result = {
    machine: `${cpus().length} × ${model.trim()}, software GPU`,
    modelMegabytes: MEGABYTES,
    shardMegabytes: SHARD,
    builds,
    textPhase,
    holds:
      Math.max(builds.jspi.download, builds.jspi.draw) < limit &&
      textPhase.peak - textPhase.before > 0.9 * MEGABYTES &&
      textPhase.after - textPhase.before < LEFT * (textPhase.peak - textPhase.before),
  }
  writeFileSync('bench/shards.json', `${JSON.stringify(result, null, 2)}\n`)
  console.log(JSON.stringify(result, null, 2))
  process.exitCode = result.holds ? 0 : 1
} finally {
  await vite.close()
  await models.stop()
  for (const folder of [root, profile]) rmSync(folder, { recursive: true, force: true })
}

/** Visits the page in a browser of its own, and looks at its process after each step. */
async function measure(build: string, graph: string, wasmPaths = ''): Promise<Measured> {
  const folder = join(profile, build)
  const steps = await openSteps()
  const address = new URL(`http://127.0.0.1:${port}/bench/shards-page.html`)
  address.search = `${new URLSearchParams({ steps: steps.url, model: `${models.url}/${graph}/manifest.json`, wasm: wasmPaths })}`
  const browser = spawn(path, [...browserArgs, '--headless=new', `--user-data-dir=${folder}`, address.href], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  })
  try {
    await steps.next('baseline')
    const renderer = processOf(folder, 'renderer')
    const gpu = processOf(folder, 'gpu-process')
    const before = resident(gpu, 'VmRSS')
    const baseline = resident(renderer, 'VmHWM')
    const phases = { download: [0, 0], draw: [0, 0] } satisfies Record<string, [number, number]>
    for (const phase of ['download', 'draw'] as const) {
      forgetPeak(renderer)
      forgetPeak(gpu)
      const started = Date.now()
      steps.go()
      await steps.next(phase)
      phases[phase] = [resident(renderer, 'VmHWM'), (Date.now() - started) / 1000]
    }
    const [download, draw] = [phases.download, phases.draw]
    return {
      ...{ baseline, download: download[0], draw: draw[0], seconds: { download: download[1], draw: draw[1] } },
      gpu: { before, peak: resident(gpu, 'VmHWM'), after: resident(gpu, 'VmRSS') },
    }
  } finally {
    browser.kill()
    await steps.close()
  }
}

/** A server that holds each request of the page until it may go on. */
async function openSteps() {
  let waiting: { name: string; go(): void } | undefined
  let arrived = () => {}
  const server = createHttpServer((request, response) => {
    const go = () => response.writeHead(200, { 'access-control-allow-origin': '*' }).end()
    waiting = { name: decodeURIComponent((request.url ?? '').slice(1)), go }
    arrived()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async next(name: string): Promise<void> {
      if (!waiting) await new Promise<void>((resolve) => (arrived = resolve))
      if (waiting?.name !== name) throw new Error(`Not '${name}' but '${waiting?.name}'.`)
    },
    go(): void {
      waiting?.go()
      waiting = undefined
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Of the browser with this profile, the process of this type that has the most: the page's, or the GPU's. */
function processOf(folder: string, type: string): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
  const browser = processes.find(({ command }) => command.includes(folder) && !command.includes('--type='))
  const alike = processes.filter(({ command, pid }) => command.includes(`--type=${type}`) && below(pid, browser?.pid))
  const [most] = alike.map(({ pid }) => pid).sort((one, other) => resident(other, 'VmRSS') - resident(one, 'VmRSS'))
  if (most === undefined) throw new Error('The page has no process that /proc shows.')
  return most
}

function below(pid: number, ancestor: number | undefined): boolean {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true
    at = Number(/^PPid:\s+(\d+)/m.exec(statusOf(at))?.[1] ?? 0)
  }
  return false
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

/** MB of the process in memory now (VmRSS), or at most since `forgetPeak` (VmHWM). */
function resident(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const kibibytes = Number(new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(statusOf(pid))?.[1])
  return Math.round((kibibytes * 1024) / 1e6)
}

function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
