import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    environment: 'node',
    // Before any worker starts, so that the workers inherit where the Vulkan driver is.
    globalSetup: ['src/kernels/testing/vulkan.ts'],
    setupFiles: ['src/testing/repeatable.ts'],
    pool: 'forks',
    // One file at a time: a software GPU takes every core, and two at once only get in each other's way.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
