import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

export default defineConfig({
  worker: { format: 'es' },
  plugins: [
    VitePWA({
      registerType: 'autoUpdate',
      workbox: {
        globPatterns: ['**/*.{html,js,css,wasm}'],
        // Weights are in IndexedDB, where the library checks them. The runtime's builds for WebGPU are kept when used.
        globIgnores: ['models/**', '**/*.{jspi,asyncify}-*.wasm'],
        maximumFileSizeToCacheInBytes: 20_000_000,
        runtimeCaching: [{ urlPattern: /\.(jspi|asyncify)-.+\.wasm$/, handler: 'CacheFirst' }],
      },
    }),
  ],
})
