/** Programs that an app's developer would start, each in a group of its own so that it ends with all it started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter } from 'node:path'

const windows = process.platform === 'win32'
const groups = new Set<ChildProcess>()

/** Without what npm and Vite set for this process: an app would find this repository's programs in its PATH. */
function strangersEnv(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|NODE_ENV$|FORCE_COLOR$|PATH$)/i.test(name),
  )
  const path = process.env.PATH?.split(delimiter).filter((folder) => !/node_modules/.test(folder))
  return { ...Object.fromEntries(kept), PATH: path?.join(delimiter), NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' }
}

function start(
  folder: string,
  command: string,
  args: readonly string[],
): { child: ChildProcess; output: () => string } {
  const child = spawn(command, args, {
    cwd: folder,
    shell: windows,
    detached: !windows,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: strangersEnv(),
  })
  let text = ''
  const add = (part: Buffer): void => {
    text += part.toString()
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  groups.add(child)
  return { child, output: () => text }
}

function end(child: ChildProcess): void {
  groups.delete(child)
  try {
    if (child.pid !== undefined) process.kill(windows ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

export function endAll(): void {
  for (const child of groups) end(child)
}

/** Runs a command to its end. @throws with all it printed when it fails or takes longer than `limitMs`. */
export async function run(
  folder: string,
  command: string,
  args: readonly string[],
  limitMs = 180_000,
): Promise<string> {
  const { child, output } = start(folder, command, args)
  const told = `${command} ${args.join(' ')}`
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`${told} took more than ${limitMs} ms:\n${output()}`)), limitMs)
      child.once('error', reject)
      child.once('close', (status) => {
        clearTimeout(limit)
        if (status === 0) resolve()
        else reject(new Error(`${told} ended with ${status}:\n${output()}`))
      })
    })
  } finally {
    end(child)
  }
  return output()
}

/** Runs an npm script that serves at `port` while `use` works with its address, and may stop it. */
export async function whileServing(
  folder: string,
  script: string,
  port: number,
  use: (url: string, stop: () => void) => Promise<void>,
): Promise<void> {
  const { child, output } = start(folder, 'npm', ['run', script, '--', '--port', `${port}`])
  const url = `http://localhost:${port}/`
  try {
    await answers(url, child)
    await use(url, () => end(child))
  } catch (cause) {
    throw new Error(`${(cause as Error).message}\n\nThe server printed:\n${output()}`, { cause })
  } finally {
    end(child)
  }
}

async function answers(url: string, child: ChildProcess, limitMs = 60_000): Promise<void> {
  const until = performance.now() + limitMs
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    try {
      await fetch(url)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  throw new Error(`Nothing answered at ${url} within ${limitMs} ms.`)
}
