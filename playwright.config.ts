import { defineConfig } from '@playwright/test'
import { browserArgs, findBrowser } from './e2e/testing/browser'

const browser = await findBrowser()
// Playwright starts the web servers and the browser from this process's environment.
Object.assign(process.env, browser.env)

const sitePort = Number(process.env.SITE_PORT ?? 41731)
const sourcePort = Number(process.env.SOURCE_PORT ?? 41732)

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // ONNX Runtime and a software GPU each take every core they find: side by side they only wait for one another.
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  // A busy machine can starve a page past any limit. A test that passes only the second time is listed as flaky.
  retries: 1,
  // The list last: whoever sees only the end of a log must see which tests failed.
  reporter: [['./e2e/testing/reliability-reporter.ts'], ['list']],
  use: {
    browserName: 'chromium',
    baseURL: `http://127.0.0.1:${sitePort}`,
    launchOptions: { executablePath: browser.path, args: browserArgs },
    trace: 'off',
    viewport: { width: 1280, height: 800 },
    // Each would store the page again, 27 MB, and answer in the server's place. Tests of it say `allow`.
    serviceWorkers: 'block',
  },
  // `site` is what is shipped; `source` serves the library's modules one by one, for tests that call them.
  webServer: [
    {
      name: 'site',
      command: `node node_modules/vite/bin/vite.js preview --outDir ${process.env.SITE_DIR ?? 'dist'} --host 127.0.0.1 --port ${sitePort} --strictPort`,
      url: `http://127.0.0.1:${sitePort}/`,
      reuseExistingServer: false,
    },
    {
      name: 'source',
      command: `node node_modules/vite/bin/vite.js --mode e2e --host 127.0.0.1 --port ${sourcePort} --strictPort`,
      url: `http://127.0.0.1:${sourcePort}/`,
      reuseExistingServer: false,
    },
  ],
  metadata: { browser: `${browser.path} (${browser.origin})`, sourcePort },
})
