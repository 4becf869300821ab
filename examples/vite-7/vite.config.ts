import { defineConfig } from 'vite'

export default defineConfig({
  // Without it Vite 7 does not build the worker.
  worker: { format: 'es' },
  // The dev server of Vite 7 would move the library away from its worker.
  optimizeDeps: { exclude: ['scalewise'] },
})
