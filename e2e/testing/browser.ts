import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { chromium } from '@playwright/test'

export interface Browser {
  readonly path: string
  /** Variables the browser needs to start; empty where the machine has its libraries. */
  readonly env: Readonly<Record<string, string>>
  readonly origin: string
}

/** The one that matters is the first: without it Chromium offers no WebGPU on a software adapter. */
export const browserArgs = [
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A container's /dev/shm is often 64 MB, less than a page with a model takes.
  '--disable-dev-shm-usage',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

const systemPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Looks for a Chromium: `CHROMIUM_PATH`, Playwright's own, the system's, else the one that an npm package carries.
 * Throws with what to do when none of them starts.
 */
export async function findBrowser(): Promise<Browser> {
  const given = process.env.CHROMIUM_PATH
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH names ${given}, which does not exist. Correct or unset it.`)
    return { path: given, env: {}, origin: 'CHROMIUM_PATH' }
  }
  const own = chromium.executablePath()
  if (existsSync(own)) return { path: own, env: {}, origin: 'Playwright' }
  const system = systemPaths.find((path) => existsSync(path))
  if (system) return { path: system, env: {}, origin: 'the system' }
  return packagedBrowser()
}

/** The Chromium in @sparticuz/chromium, unpacked once into node_modules/.cache. Linux x64 only. */
export async function packagedBrowser(): Promise<Browser> {
  try {
    const folder = await unpack()
    const path = join(folder, 'chromium')
    const env = neededEnv(path, folder)
    return { path, env, origin: '@sparticuz/chromium' }
  } catch (cause) {
    throw new Error(
      'No Chromium starts on this machine. Install one (for example `npx playwright install chromium`, or the ' +
        "system's package), or set CHROMIUM_PATH to one.",
      { cause },
    )
  }
}

async function unpack(): Promise<string> {
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')))
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const cache = resolve('node_modules/.cache/scalewise')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return folder

  // The package unpacks to the temporary folder and takes any file that lies there for finished. A folder of our own,
  // renamed when complete, survives being interrupted and a second process at the same time.
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  const before = process.env.TMPDIR
  process.env.TMPDIR = unfinished
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium')
    await packaged.executablePath()
    await inflate(join(packageFolder, 'bin', 'al2023.tar.br'))
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** Tries the browser alone, then with the libraries (nss, nspr, expat) that the package carries. */
function neededEnv(path: string, folder: string): Record<string, string> {
  const fonts = { FONTCONFIG_PATH: process.env.FONTCONFIG_PATH ?? join(folder, 'fonts') }
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  if (starts(path, {})) return existsSync('/etc/fonts/fonts.conf') ? {} : fonts
  const env = { ...fonts, LD_LIBRARY_PATH: libraries }
  execFileSync(path, ['--version'], { env: { ...process.env, ...env }, stdio: 'pipe' })
  return env
}

function starts(path: string, env: Record<string, string>): boolean {
  try {
    execFileSync(path, ['--version'], { env: { ...process.env, ...env }, stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
