import { createHash } from 'node:crypto'
import { cpSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { docs } from './scripts/docs-in-site.ts'
import { licences } from './scripts/licences.ts'
import { policy } from './scripts/policy.ts'

/**
 * The models lie at the repository's top level, where the training code and the command line find them too. Vite serves
 * them from there by itself while developing; a built site needs a copy.
 */
function copyModels(): Plugin {
  let outDir = ''
  return {
    name: 'copy-models',
    apply: 'build',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    writeBundle() {
      cpSync('models', resolve(outDir, 'models'), { recursive: true })
    },
  }
}

/** Headers by which a page may share memory with its workers, so that WASM draws on several threads. public/_headers. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** ONNX Runtime's two builds with WebGPU: a browser uses one of them or none. */
const gpuBuilds = ['ort-wasm-simd-threaded.jspi', 'ort-wasm-simd-threaded.asyncify']

/**
 * The service worker keeps the page, its scripts and ONNX Runtime, so that the app starts without a network. Weights are
 * none of its business: the library stores, resumes and verifies them in IndexedDB. What the built-in model learned to
 * draw is text, in every language, and is kept.
 */
function installable(): Plugin[] {
  let outDir = ''
  const plugins = VitePWA({
    registerType: 'prompt',
    injectRegister: false, // src/demo/draw/updates.ts registers it, in built pages only.
    workbox: {
      globPatterns: [
        '**/*.{html,js,css,wasm,svg,png,webp,webmanifest}',
        'models/emoji/vocabulary*.json',
        'licences.txt',
      ],
      // Of ONNX Runtime's builds, the one for WASM alone: any browser may come to need it. Those for WebGPU are kept when
      // they are used, below. Documents are not the app.
      globIgnores: ['docs/**', ...gpuBuilds.map((build) => `assets/${build}-*.wasm`)],
      maximumFileSizeToCacheInBytes: 20_000_000, // That build has 14 MB.
      runtimeCaching: gpuBuilds.map((build) => ({
        urlPattern: new RegExp(`/assets/${build.replaceAll('.', '\\.')}-[\\w-]+\\.wasm$`),
        handler: 'CacheFirst' as const,
        options: {
          cacheName: 'scalewise-verified-webgpu',
          fetchOptions: { integrity: integrityOf(`node_modules/onnxruntime-web/dist/${build}.wasm`) },
          // Of this version and of the one that it replaces, which another tab may still run; also of apps at other paths of
          // this host, as the cache is the host's.
          expiration: { maxEntries: 6 },
        },
      })),
      // Each file is taken only if it has the hash of the build: a captive portal's page in place of a script, once,
      // would otherwise break every later visit.
      manifestTransforms: [
        (entries) => ({
          manifest: entries.map((entry) => ({ ...entry, integrity: integrityOf(resolve(outDir, entry.url)) })),
        }),
      ],
      // Read from the network, not from the browser's HTTP cache, which may hold what the check refused. The runtime
      // alone has 14 MB, too much to fetch twice on a first visit.
      dontCacheBustURLsMatching: /\.wasm$/,
      // Caches without that check had other names: nothing is taken over from them. public/old-caches.js removes them.
      cacheId: 'scalewise-verified',
      cleanupOutdatedCaches: false,
      // No fallback page: only the addresses of the build are answered, whatever their query, which may name a model.
      // Anything else is for the server to answer, with its 404.
      navigateFallback: null,
      ignoreURLParametersMatching: [/.*/],
      clientsClaim: true, // A first visit, too, then finds its scripts again when its worker has to be started again.
      inlineWorkboxRuntime: true,
      // Isolates the page where the host sends no headers for it.
      importScripts: ['isolate.js', 'old-caches.js'],
    },
    manifest: false, // public/manifest.webmanifest
  })
  return [
    {
      name: 'built-files',
      configResolved(config) {
        outDir = resolve(config.root, config.build.outDir)
      },
    },
    ...plugins,
  ]
}

/** A file's hash in the form that fetch checks (W3C Subresource Integrity). */
function integrityOf(path: string): string {
  return `sha384-${createHash('sha384').update(readFileSync(path)).digest('base64')}`
}

const { collect, ship } = licences()

export default defineConfig(({ mode }) => ({
  // Relative, so that the site also works below a path, as on a project page.
  base: './',
  // Unknown addresses are answered with 404, as a static host does, not with the page.
  appType: 'mpa',
  plugins: [copyModels(), docs(), collect, ship, policy(), installable()],
  build: { target: 'esnext', rolldownOptions: { input: ['index.html', 'bench.html', 'study.html'] } },
  worker: { format: 'es', plugins: () => [collect] },
  optimizeDeps: {
    // Pre-bundling would move them away from their .wasm files.
    exclude: ['onnxruntime-web', '@jsquash/webp'],
    // Only workers import these: found late, they would reload the page in the middle of its first load.
    include: [
      ...['comlink', 'idb-keyval', 'valibot', '@huggingface/tokenizers', 'pica/pica_main', 'client-zip'],
      ...(mode === 'e2e' ? ['react', 'react-dom/client'] : []),
    ],
    entries: ['index.html', 'bench.html', 'study.html'],
  },
  preview: { headers: isolation },
  server: {
    headers: isolation,
    // A test would lose its page to a reload.
    ...(mode === 'e2e' && { hmr: false }),
    watch: { ignored: ['**/.venv/**', '**/training/**', '**/models/**', '**/test-results/**', '**/dist*/**'] },
  },
}))
