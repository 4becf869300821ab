import { defineConfig } from 'vite'

// The worker in parts: only the backend that runs is loaded.
export default defineConfig({ worker: { format: 'es' } })
