import { defineConfig } from 'vite'

export default defineConfig({
  worker: { format: 'es' },
  // The dev server of Vite 7 would move the library away from its worker.
  optimizeDeps: { exclude: ['scalewise'] },
})
