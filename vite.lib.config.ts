import { defineConfig, type Plugin } from 'vite'
import manifest from './package.json' with { type: 'json' }

const workerUrl = /new URL\('\.\.\/worker\/worker\.ts', import\.meta\.url\)/g
const placeholder = '__WORKER_URL__'

/**
 * Leaves the worker to the bundler of whoever uses the package: the literal
 * `new Worker(new URL('../worker/worker.js', import.meta.url))` is what bundlers look for. Vite would bundle it here and now.
 */
function leaveWorker(): Plugin {
  return {
    name: 'leave-worker',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/client/built-in-worker.ts')) return undefined
      const left = code.replace(workerUrl, placeholder)
      if (left === code) this.error('src/client/built-in-worker.ts no longer names its worker as this build expects.')
      return { code: left, map: null }
    },
    renderChunk(code) {
      return { code: code.replace(placeholder, "new URL('../worker/worker.js', import.meta.url)"), map: null }
    },
  }
}

/** The package is for browsers; the name of a build for Node would make bundlers ship that one as well. */
function leaveOutNode(): Plugin {
  return {
    name: 'leave-out-node',
    enforce: 'pre',
    load: (id) => (id.endsWith('/src/runtime/node-build.ts') ? 'export const nodeBuild = undefined' : undefined),
  }
}

/**
 * Shaders for people to read become shaders to download: without comments, blank lines and spaces that nothing needs. Each
 * line that is left stays a line, so that a compile error still shows the statement at fault.
 */
function stripShaders(): Plugin {
  return {
    name: 'strip-shaders',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: /\.wgsl\?raw$/ },
      async handler(id) {
        const source = await this.fs.readFile(id.replace(/\?raw$/, ''), { encoding: 'utf8' })
        return `export default ${JSON.stringify(stripWgsl(source))}`
      },
    },
  }
}

function stripWgsl(source: string): string {
  if (source.includes('/*')) throw new Error('A shader has a block comment, which stripWgsl does not know. Use //.')
  const lines = source.split('\n').map((line) => line.replace(/\/\/.*/, '').trim())
  const stripped = lines.map((line) => line.replace(/ ?([-+*/%=<>&|^,;:(){}[\]]) ?/g, '$1'))
  const signs = (text: readonly string[]): number => text.join('\n').split(/--|\+\+/).length
  if (signs(stripped) !== signs(lines))
    throw new Error("A shader has a sign after an operator, 'a - -b'. Use brackets.")
  return stripped.filter((line) => line !== '').join('\n')
}

const external = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })

export default defineConfig({
  plugins: [leaveWorker(), leaveOutNode(), stripShaders()],
  publicDir: false,
  build: {
    target: 'esnext',
    outDir: 'dist-lib',
    minify: false,
    reportCompressedSize: false,
    lib: {
      entry: {
        index: 'src/index.ts',
        'worker/worker': 'src/worker/worker.ts',
        'understand/index': 'src/understand/index.ts',
        element: 'src/element.ts',
        react: 'src/react.ts',
        'picture-output': 'src/picture-output.ts',
        'cli/scalewise': 'src/cli/scalewise.ts',
        // Only of the page build, scripts/page-build.ts.
        'client/page-worker': 'src/client/page-worker.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: (id) => id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
      // One file per module: bundlers then leave out what an app does not call, and what its browser does not need.
      output: { preserveModules: true, preserveModulesRoot: 'src' },
    },
  },
})
