import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { inflate } from '@sparticuz/chromium'

const ICD = 'vk_swiftshader_icd.json'
const LOADER = 'libvulkan.so.1'

/**
 * Vitest's global setup: shows Dawn a Vulkan driver on Linux, SwiftShader, which every Chromium carries. Looks beside
 * the browser of CHROMIUM_PATH and of the system, then unpacks the one of @sparticuz/chromium. A driver that the caller
 * chose (VK_DRIVER_FILES) stays. macOS and Windows have Metal and Direct3D.
 */
export async function setup(): Promise<void> {
  if (process.platform !== 'linux' || process.env.VK_DRIVER_FILES) return
  const folder = systemFolders().find(hasDriver) ?? (await unpackedFolder())
  process.env.VK_DRIVER_FILES = join(folder, ICD)
  // The dynamic linker reads this once, at the start of a process: hence here, before the test workers start.
  process.env.LD_LIBRARY_PATH = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
}

function systemFolders(): string[] {
  const browsers = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].filter(
    (path) => path && existsSync(path),
  ) as string[]
  return [...browsers.map((path) => dirname(realpathSync(path))), '/usr/lib/chromium']
}

function hasDriver(folder: string): boolean {
  return existsSync(join(folder, ICD)) && existsSync(join(folder, LOADER))
}

async function unpackedFolder(): Promise<string> {
  const packaged = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'))
  const folder = await inflate(join(packaged, '..', 'bin', 'swiftshader.tar.br'))
  if (hasDriver(folder)) return folder
  throw new Error(
    `The GPU tests found no Vulkan driver: neither ${systemFolders().join(' nor ')} nor ${folder} holds ${ICD} and ` +
      `${LOADER}. Install Chromium and set CHROMIUM_PATH to its binary, or set VK_DRIVER_FILES to a driver's ICD file.`,
  )
}
