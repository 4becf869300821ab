/** `npm run bench:gpu`: builds bench/gpu.ts with all that it needs besides Node. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const outDir = 'dist-bench'
const modules = 'node_modules'
/** Of the machine that it is built for; Dawn carries one a platform. */
const target =
  process.env.DAWN_TARGET ?? `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`
const model = process.env.BENCH_MODEL ?? 'models/emoji'

/** Good compression at a tenth of the best one's time. */
const QUALITY = 9

function packBinaries(): Plugin {
  const pack = (from: string, name: string): void => {
    const compressed = brotliCompressSync(readFileSync(from), { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } })
    writeFileSync(join(outDir, `${name}.br`), compressed)
  }
  return {
    name: 'pack-binaries',
    writeBundle() {
      pack(join(modules, 'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm'), 'ort.wasm')
      pack(join(modules, `webgpu/dist/${target}/dawn.node`), 'dawn.node')
      cpSync('bench/matmul.onnx', join(outDir, 'matmul.onnx'))
      cpSync(model, join(outDir, 'model'), { recursive: true })
    },
  }
}

export default defineConfig({
  root: dirname(dirname(fileURLToPath(import.meta.url))),
  publicDir: false,
  plugins: [packBinaries()],
  // Everything is bundled: the machine that it is carried to has no packages.
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'bench/gpu.ts',
    outDir,
    emptyOutDir: true,
    target: 'node20',
    rolldownOptions: { output: { entryFileNames: 'gpu-bench.mjs', codeSplitting: false } },
  },
})
