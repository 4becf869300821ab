import { gzipSync } from 'node:zlib'
import { defineConfig, minifySync, type Plugin } from 'vite'
import manifest from './package.json' with { type: 'json' }

const workerUrl = /new URL\('\.\/worker\.ts', import\.meta\.url\)/g
const placeholder = '__WORKER_URL__'

/**
 * Leaves the worker to the bundler of whoever uses the package: the two entries lie side by side, and the literal
 * `new Worker(new URL('./worker.js', import.meta.url))` is what bundlers look for. Vite would bundle it here and now.
 */
function leaveWorker(): Plugin {
  return {
    name: 'leave-worker',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/worker/client.ts')) return undefined
      const left = code.replace(workerUrl, placeholder)
      if (left === code) this.error('src/worker/client.ts no longer names its worker as this build expects.')
      return { code: left, map: null }
    },
    renderChunk(code) {
      return { code: code.replace(placeholder, "new URL('./worker.js', import.meta.url)"), map: null }
    },
  }
}

/** What users download of us, apart from the dependencies. */
function printSizes(): Plugin {
  return {
    name: 'print-sizes',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        const minified = minifySync(chunk.fileName, chunk.code, { module: true }).code
        const kilobytes = (gzipSync(minified, { level: 9 }).length / 1000).toFixed(1)
        console.info(`${chunk.fileName.padEnd(24)} ${kilobytes} kB minified and gzipped`)
      }
    },
  }
}

const external = Object.keys(manifest.dependencies)

export default defineConfig({
  plugins: [leaveWorker(), printSizes()],
  publicDir: false,
  build: {
    target: 'esnext',
    outDir: 'dist-lib',
    minify: false,
    reportCompressedSize: false,
    lib: { entry: { index: 'src/index.ts', worker: 'src/worker/worker.ts' }, formats: ['es'] },
    rolldownOptions: {
      external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
      output: { chunkFileNames: '[name].js' },
    },
  },
})
