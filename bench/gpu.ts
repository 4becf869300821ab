/**
 * The WebGPU parts in Node, over Dawn: for a machine with a GPU and no display. Built by `npm run bench:gpu` to
 * the folder dist-bench, which needs Node and a driver (Vulkan, Metal, Direct3D) and nothing else:
 *
 *   node gpu-bench.mjs [--model FOLDER] [--rounds 9] [--quick] [--out FILE]
 *
 * Prints the adapter and JSON for `npm run bench -- --take FILE`. On few processors add --liftoff-only after `node`: V8
 * else spends minutes of them on optimising ONNX Runtime's WASM.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'
import runtimePackage from '../node_modules/onnxruntime-web/package.json' with { type: 'json' }
import { chooseBackend, inspectGpu } from '../src/runtime/device'
import type { Ort } from '../src/runtime/ort'
import flops from './flops.json' with { type: 'json' }
import { measureGrowth } from './measure/growth'
import { measureMatmul } from './measure/matmul'
import { measureNaive } from './measure/naive'
import { measureEngine, measureScales } from './measure/pictures'
import { openSubject } from './measure/subject'
import type { Platform } from './results'

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(here, 'model') },
    rounds: { type: 'string', default: '9' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const WARMUP = 3

/** Node ends, or stands still until V8 is done optimising, when nothing but a promise is left to wait for. */
const awake = setInterval(() => {}, 20)

function unpacked(name: string): Buffer {
  return brotliDecompressSync(readFileSync(join(here, `${name}.br`)))
}

/** Dawn as `navigator.gpu`. The result has to be kept: adapters and devices live only as long. */
function openDawn(): GPU {
  const path = join(mkdtempSync(join(tmpdir(), 'scalewise-dawn-')), 'dawn.node')
  writeFileSync(path, unpacked('dawn.node'))
  const dawn = createRequire(path)(path) as { create(options: string[]): GPU; globals: Record<string, unknown> }
  Object.assign(globalThis, dawn.globals)
  copySharedMemory()
  const gpu = dawn.create([])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, hardwareConcurrency: 1 }, configurable: true })
  return gpu
}

/** Browsers take views of shared memory, where ONNX Runtime keeps its heap; Dawn for Node refuses them. */
function copySharedMemory(): void {
  const { writeBuffer } = GPUQueue.prototype
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from = 0, size) {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data)
    const unit = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
    const start = view.byteOffset + from * unit
    const bytes = new Uint8Array(view.buffer, start, size === undefined ? view.byteLength - from * unit : size * unit)
    return writeBuffer.call(this, buffer, offset, bytes.slice())
  }
}

async function openOrt(): Promise<Ort> {
  const ort = await import('onnxruntime-web/webgpu')
  const binary = unpacked('ort.wasm')
  ort.env.wasm.wasmBinary = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength) as ArrayBuffer
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'error'
  return ort
}

async function files(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(readFileSync(join(values.model, path)))
}

async function measure(): Promise<{ name: string; platform: Platform }> {
  const dawn = openDawn()
  const gpu = await inspectGpu()
  if (!gpu) throw new Error('Dawn finds no GPU. Install its driver, or name one in VK_DRIVER_FILES.')
  console.error(`adapter: ${gpu.name}${gpu.software ? ' (software)' : ''}`)
  const { device } = await chooseBackend('webgpu', { features: [], limits: {} })
  if (!device) throw new Error('The adapter gives no device.')
  const subject = await openSubject(await openOrt(), files, device)
  const [rounds, warmup] = values.quick ? [1, 0] : [Number(values.rounds), WARMUP]
  const how = { measured: new Date().toISOString().slice(0, 10), rounds, model: subject.manifest.id }
  const part = async <T>(name: string, work: Promise<T>): Promise<T & typeof how> => {
    const started = performance.now()
    const result = { ...(await work), ...how }
    console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
    return result
  }
  const matmul = values.quick ? { sizes: [256], batches: [1] } : { sizes: [1024, 2048, 4096], batches: [1, 4, 16] }
  const platform: Platform = {
    machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} threads`,
    runtime: `Node ${process.version} ${process.execArgv.join(' ')}, Dawn, ONNX Runtime ${runtimePackage.version} on WebGPU`,
    adapter: { name: gpu.name, software: gpu.software },
    engine: await part('engine', measureEngine(subject, rounds, warmup)),
    naive: await part('naive', measureNaive(subject, rounds, warmup)),
    matmul: await part(
      'matmul',
      measureMatmul(subject, new Uint8Array(readFileSync(join(here, 'matmul.onnx'))), flops, {
        ...matmul,
        rounds,
        warmup,
      }),
    ),
    ...(!values.quick && {
      scales: await part(
        'scales',
        measureScales(subject, rounds, warmup).then((pairs) => ({ pairs })),
      ),
      growth: await part('growth', measureGrowth(subject, rounds, warmup)),
    }),
  }
  // Names it once more, so that it is alive until here.
  void dawn
  return { name: `WebGPU, ${gpu.name}`, platform }
}

const json = JSON.stringify(await measure(), null, 1)
if (values.out) writeFileSync(values.out, json)
else console.log(json)
clearInterval(awake)
// Dawn's threads and ORT's would keep the process.
process.exit(0)
