import { cpSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

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

/**
 * The service worker keeps the page, its scripts and ONNX Runtime, so that the app starts without a network. Weights are
 * none of its business: the library stores, resumes and verifies them in IndexedDB.
 */
function installable(): Plugin[] {
  return VitePWA({
    registerType: 'prompt',
    injectRegister: false, // src/demo/updates.ts registers it, in built pages only.
    includeManifestIcons: false, // The patterns below name them, each file once.
    workbox: {
      globPatterns: ['**/*.{html,js,css,wasm,svg,png}'],
      globIgnores: ['models/**'],
      maximumFileSizeToCacheInBytes: 40_000_000, // ONNX Runtime's wasm has 27 MB.
      navigateFallback: 'index.html',
      // Of the path alone: the query may name a model. The other pages are files of their own.
      navigateFallbackDenylist: [/^[^?]*\/models\//, /^[^?]*\/(bench|study)\.html/],
      cleanupOutdatedCaches: true,
      clientsClaim: true, // A first visit, too, then finds its scripts again when its worker has to be started anew.
      inlineWorkboxRuntime: true,
    },
    manifest: {
      name: 'scalewise: a picture from words',
      short_name: 'scalewise',
      description: 'Type a few words and watch a picture grow, scale by scale. Nothing leaves this machine.',
      lang: 'en',
      start_url: './',
      scope: './',
      display: 'standalone',
      background_color: '#f5f6f7',
      theme_color: '#0b7a69',
      categories: ['graphics', 'entertainment'],
      icons: [
        { src: './icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
        { src: './icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
        { src: './icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        { src: './icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
      ],
    },
  })
}

export default defineConfig(({ mode }) => ({
  // Relative, so that the site also works below a path, as on a project page.
  base: './',
  plugins: [copyModels(), installable()],
  build: { target: 'esnext', rolldownOptions: { input: ['index.html', 'bench.html', 'study.html'] } },
  worker: { format: 'es' },
  optimizeDeps: {
    // Pre-bundling would move the runtime away from its .wasm file.
    exclude: ['onnxruntime-web'],
    // Only the worker imports these: found late, they would reload the page in the middle of its first load.
    include: ['comlink', 'idb-keyval', 'valibot', '@huggingface/tokenizers'],
    entries: ['index.html', 'bench.html', 'study.html'],
  },
  server: {
    // A test would lose its page to a reload.
    ...(mode === 'e2e' && { hmr: false }),
    watch: { ignored: ['**/.venv/**', '**/training/**', '**/models/**', '**/test-results/**', '**/dist*/**'] },
  },
}))
